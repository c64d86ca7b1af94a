import type { Layout } from './layout.ts';

/** The ordinary course in a row, the states that need somebody below it. */
export const wide: Layout = {
  prefix: 'state:',
  className: 'diagram wide',
  width: 880,
  height: 372,
  boxes: [
    { state: 'restoring', x: 12, y: 118, width: 134, rows: [['reading'], ['backingOff']] },
    {
      state: 'refreshing',
      x: 214,
      y: 91,
      width: 212,
      rows: [
        ['ahead', 'required'],
        ['exchanging', 'loggingIn'],
        ['backingOff', 'coolingDown'],
      ],
    },
    {
      state: 'reconnecting',
      x: 494,
      y: 104,
      width: 150,
      rows: [['verifying'], ['connecting'], ['backingOff']],
    },
    { state: 'valid', x: 712, y: 118, width: 156, rows: [['scheduled'], ['resting']] },
    { state: 'failed', x: 214, y: 290, width: 212, rows: [] },
    { state: 'locked', x: 494, y: 275, width: 150, rows: [['waiting', 'asking']] },
    { state: 'stopped', x: 712, y: 290, width: 156, rows: [] },
  ],
  edges: [
    { from: 'restoring', to: 'refreshing', path: 'M146 158H208', main: true },
    { from: 'refreshing', to: 'reconnecting', path: 'M426 158H488', main: true },
    { from: 'reconnecting', to: 'valid', path: 'M644 158H706', main: true },
    {
      from: 'valid',
      to: 'refreshing',
      path: 'M790 118V40a14 14 0 0 0-14-14H334a14 14 0 0 0-14 14V85',
      main: true,
    },
    {
      from: 'restoring',
      to: 'reconnecting',
      path: 'M79 118V70a14 14 0 0 1 14-14H540a14 14 0 0 1 14 14V98',
      main: true,
    },
    { from: 'refreshing', to: 'valid', path: 'M380 91V64a14 14 0 0 1 14-14H738a14 14 0 0 1 14 14V112' },
    { from: 'reconnecting', to: 'refreshing', path: 'M494 188H432' },
    { from: 'valid', to: 'reconnecting', path: 'M712 188H650' },
    { from: 'valid', to: 'locked', path: 'M790 217V288a14 14 0 0 1-14 14H650' },
    { from: 'reconnecting', to: 'locked', path: 'M556 230V269' },
    { from: 'locked', to: 'reconnecting', path: 'M596 275V236' },
    { from: 'refreshing', to: 'locked', path: 'M400 204V232a14 14 0 0 0 14 14H500a14 14 0 0 1 14 14V269' },
    { from: 'locked', to: 'refreshing', path: 'M494 290H464a14 14 0 0 1-14-14V202a14 14 0 0 0-14-14H432' },
    { from: 'refreshing', to: 'failed', path: 'M320 204V284' },
    { from: 'reconnecting', to: 'failed', path: 'M520 230V240a14 14 0 0 1-14 14H374a14 14 0 0 0-14 14V284' },
    { from: 'locked', to: 'failed', path: 'M494 316H432' },
    { from: 'restoring', to: 'failed', path: 'M100 217V296a14 14 0 0 0 14 14H208' },
    { from: 'failed', to: 'restoring', path: 'M214 322H72a14 14 0 0 1-14-14V223' },
  ],
};
