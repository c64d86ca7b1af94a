import type { Layout } from './layout.ts';

/** The ordinary course in a row, the states that need somebody below it. */
export const wide: Layout = {
  prefix: 'state:',
  className: 'diagram wide',
  width: 836,
  height: 370,
  boxes: [
    { state: 'restoring', x: 12, y: 120, width: 134, rows: [['reading'], ['backingOff']] },
    {
      state: 'refreshing',
      x: 200,
      y: 106,
      width: 216,
      rows: [
        ['ahead', 'required'],
        ['exchanging', 'loggingIn'],
        ['backingOff', 'coolingDown'],
      ],
    },
    {
      state: 'reconnecting',
      x: 470,
      y: 106,
      width: 150,
      rows: [['verifying'], ['connecting'], ['backingOff']],
    },
    { state: 'valid', x: 674, y: 120, width: 150, rows: [['scheduled'], ['resting']] },
    { state: 'failed', x: 200, y: 301, width: 216, rows: [] },
    { state: 'locked', x: 470, y: 287, width: 150, rows: [['waiting', 'asking']] },
    { state: 'stopped', x: 674, y: 301, width: 150, rows: [] },
  ],
  edges: [
    { from: 'restoring', to: 'refreshing', path: 'M146 170H194', main: true },
    { from: 'refreshing', to: 'reconnecting', path: 'M416 170H464', main: true },
    { from: 'reconnecting', to: 'valid', path: 'M620 170H668', main: true },
    {
      from: 'valid',
      to: 'refreshing',
      path: 'M749 120V40a14 14 0 0 0-14-14H322a14 14 0 0 0-14 14V100',
      main: true,
    },
    {
      from: 'restoring',
      to: 'reconnecting',
      path: 'M79 120V70a14 14 0 0 1 14-14H531a14 14 0 0 1 14 14V100',
      main: true,
    },
    { from: 'refreshing', to: 'valid', path: 'M370 106V92a14 14 0 0 1 14-14H701a14 14 0 0 1 14 14V114' },
    { from: 'reconnecting', to: 'refreshing', path: 'M470 196H422' },
    { from: 'valid', to: 'reconnecting', path: 'M674 196H626' },
    { from: 'valid', to: 'locked', path: 'M720 219V246a14 14 0 0 1-14 14H604a14 14 0 0 0-14 14V281' },
    { from: 'reconnecting', to: 'locked', path: 'M545 234V281' },
    { from: 'locked', to: 'reconnecting', path: 'M565 287V240' },
    { from: 'refreshing', to: 'locked', path: 'M390 234V246a14 14 0 0 0 14 14H486a14 14 0 0 1 14 14V281' },
    { from: 'locked', to: 'refreshing', path: 'M470 306H454a14 14 0 0 1-14-14V224a14 14 0 0 0-14-14H422' },
    { from: 'refreshing', to: 'failed', path: 'M308 234V295' },
    { from: 'reconnecting', to: 'failed', path: 'M500 234V243a14 14 0 0 1-14 14H374a14 14 0 0 0-14 14V295' },
    { from: 'locked', to: 'failed', path: 'M470 332H422' },
    { from: 'restoring', to: 'failed', path: 'M92 219V308a14 14 0 0 0 14 14H194' },
    { from: 'failed', to: 'restoring', path: 'M200 332H80a14 14 0 0 1-14-14V225' },
  ],
};
