import type { Layout } from './layout.ts';

/** The same from top to bottom, for narrow screens. */
export const tall: Layout = {
  prefix: 'tall:',
  className: 'diagram tall',
  width: 340,
  height: 667,
  boxes: [
    { state: 'restoring', x: 40, y: 8, width: 260, rows: [['reading', 'backingOff']] },
    {
      state: 'refreshing',
      x: 40,
      y: 112,
      width: 260,
      rows: [
        ['ahead', 'required'],
        ['exchanging', 'loggingIn'],
        ['authorizing', 'coolingDown'],
        ['backingOff'],
      ],
    },
    {
      state: 'reconnecting',
      x: 40,
      y: 303,
      width: 260,
      rows: [
        ['verifying', 'connecting'],
        ['backingOff', 'pausing'],
      ],
    },
    {
      state: 'valid',
      x: 40,
      y: 436,
      width: 260,
      rows: [
        ['scheduled', 'resting'],
        ['checking', 'backingOff'],
      ],
    },
    { state: 'locked', x: 40, y: 560, width: 116, rows: [['waiting'], ['asking']] },
    { state: 'failed', x: 186, y: 560, width: 114, rows: [] },
    { state: 'stopped', x: 186, y: 617, width: 114, rows: [] },
  ],
  edges: [
    { from: 'restoring', to: 'refreshing', path: 'M170 78V106', main: true },
    { from: 'refreshing', to: 'reconnecting', path: 'M170 269V297', main: true },
    { from: 'reconnecting', to: 'valid', path: 'M170 402V430', main: true },
    {
      from: 'valid',
      to: 'refreshing',
      path: 'M300 471H314a12 12 0 0 0 12-12V188a12 12 0 0 0-12-12H306',
      main: true,
    },
    {
      from: 'restoring',
      to: 'reconnecting',
      path: 'M40 43H26a12 12 0 0 0-12 12V340a12 12 0 0 0 12 12H34',
      main: true,
    },
    { from: 'refreshing', to: 'valid', path: 'M40 200H34a8 8 0 0 0-8 8V463a8 8 0 0 0 8 8' },
    { from: 'refreshing', to: 'restoring', path: 'M110 112V84' },
    { from: 'reconnecting', to: 'refreshing', path: 'M230 303V275' },
    { from: 'valid', to: 'reconnecting', path: 'M230 436V408' },
    { from: 'valid', to: 'locked', path: 'M98 535V554' },
    { from: 'valid', to: 'failed', path: 'M243 535V554' },
    { from: 'reconnecting', to: 'locked', path: 'M40 369H26a12 12 0 0 0-12 12V591a12 12 0 0 0 12 12H34' },
    { from: 'locked', to: 'reconnecting', path: 'M40 618H18a12 12 0 0 1-12-12V376a12 12 0 0 1 12-12H34' },
    { from: 'refreshing', to: 'locked', path: 'M40 210H20a12 12 0 0 0-12 12V591a12 12 0 0 0 12 12H34' },
    { from: 'locked', to: 'refreshing', path: 'M40 618H18a12 12 0 0 1-12-12V202a12 12 0 0 1 12-12H34' },
    { from: 'refreshing', to: 'failed', path: 'M300 200H322a12 12 0 0 1 12 12V569a12 12 0 0 1-12 12H306' },
    { from: 'reconnecting', to: 'failed', path: 'M300 359H322a12 12 0 0 1 12 12V569a12 12 0 0 1-12 12H306' },
    { from: 'locked', to: 'failed', path: 'M156 581H180' },
    { from: 'restoring', to: 'failed', path: 'M300 43H322a12 12 0 0 1 12 12V569a12 12 0 0 1-12 12H306' },
    { from: 'failed', to: 'restoring', path: 'M300 593H324a12 12 0 0 0 12-12V50a12 12 0 0 0-12-12H306' },
  ],
};
