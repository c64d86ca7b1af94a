import type { Layout } from './layout.ts';

/** The same from top to bottom, for narrow screens. */
export const tall: Layout = {
  prefix: 'tall:',
  className: 'diagram tall',
  width: 340,
  height: 592,
  boxes: [
    { state: 'restoring', x: 40, y: 8, width: 260, rows: [['reading', 'backingOff']] },
    {
      state: 'refreshing',
      x: 40,
      y: 110,
      width: 260,
      rows: [
        ['ahead', 'required'],
        ['exchanging', 'loggingIn'],
        ['backingOff', 'coolingDown'],
      ],
    },
    {
      state: 'reconnecting',
      x: 40,
      y: 266,
      width: 260,
      rows: [['verifying', 'connecting'], ['backingOff']],
    },
    { state: 'valid', x: 40, y: 396, width: 260, rows: [['scheduled', 'resting']] },
    { state: 'locked', x: 40, y: 510, width: 130, rows: [['waiting', 'asking']] },
    { state: 'failed', x: 180, y: 496, width: 120, rows: [] },
    { state: 'stopped', x: 180, y: 544, width: 120, rows: [] },
  ],
  edges: [
    { from: 'restoring', to: 'refreshing', path: 'M170 74V104', main: true },
    { from: 'refreshing', to: 'reconnecting', path: 'M170 230V260', main: true },
    { from: 'reconnecting', to: 'valid', path: 'M170 360V390', main: true },
    {
      from: 'valid',
      to: 'refreshing',
      path: 'M300 430H314a12 12 0 0 0 12-12V180a12 12 0 0 0-12-12H306',
      main: true,
    },
    {
      from: 'restoring',
      to: 'reconnecting',
      path: 'M40 42H26a12 12 0 0 0-12 12V300a12 12 0 0 0 12 12H34',
      main: true,
    },
    { from: 'refreshing', to: 'valid', path: 'M40 190H34a8 8 0 0 0-8 8V420a8 8 0 0 0 8 8H34' },
    { from: 'reconnecting', to: 'refreshing', path: 'M220 266V236' },
    { from: 'valid', to: 'reconnecting', path: 'M220 396V366' },
    { from: 'valid', to: 'locked', path: 'M100 462V504' },
    { from: 'reconnecting', to: 'locked', path: 'M40 330H26a12 12 0 0 0-12 12V532a12 12 0 0 0 12 12H34' },
    { from: 'locked', to: 'reconnecting', path: 'M40 556H20a12 12 0 0 1-12-12V340a12 12 0 0 1 12-12H34' },
    { from: 'refreshing', to: 'locked', path: 'M40 200H20a12 12 0 0 0-12 12V530a12 12 0 0 0 12 12H34' },
    { from: 'locked', to: 'refreshing', path: 'M40 550H20a12 12 0 0 1-12-12V190a12 12 0 0 1 12-12H34' },
    { from: 'refreshing', to: 'failed', path: 'M300 190H320a12 12 0 0 1 12 12V504a12 12 0 0 1-12 12H306' },
    { from: 'reconnecting', to: 'failed', path: 'M300 330H320a12 12 0 0 1 12 12V504a12 12 0 0 1-12 12H306' },
    { from: 'locked', to: 'failed', path: 'M160 510V506a4 4 0 0 1 4-4H174' },
    { from: 'restoring', to: 'failed', path: 'M300 42H320a12 12 0 0 1 12 12V504a12 12 0 0 1-12 12H306' },
    { from: 'failed', to: 'restoring', path: 'M300 520H324a12 12 0 0 0 12-12V48a12 12 0 0 0-12-12H306' },
  ],
};
