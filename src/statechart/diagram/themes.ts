import type { TransitionKind } from '../structure.ts';

export type DiagramTheme = 'light' | 'dark';

export interface Colours {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly box: string;
  readonly group: string;
  readonly region: string;
  readonly border: string;
  /** Arrows, by what sets them off. */
  readonly arrows: Readonly<Record<TransitionKind, string>>;
}

const light: Colours = {
  text: '#1f2933',
  faint: '#52606d',
  line: '#616e7c',
  box: '#ffffff',
  group: '#f5f7fa',
  region: '#e9edf2',
  border: '#9aa5b1',
  arrows: {
    event: '#2458a6',
    done: '#1f7a4d',
    'state-done': '#1f7a4d',
    snapshot: '#1f7a4d',
    error: '#b42318',
    after: '#8a5a00',
    always: '#616e7c',
  },
};

const dark: Colours = {
  text: '#e6edf3',
  faint: '#a3b1bf',
  line: '#8b98a5',
  box: '#21262d',
  group: '#161b22',
  region: '#1c222a',
  border: '#4b5563',
  arrows: {
    event: '#79b8ff',
    done: '#56d391',
    'state-done': '#56d391',
    snapshot: '#56d391',
    error: '#ff8a80',
    after: '#e3b341',
    always: '#8b98a5',
  },
};

export const themes: Readonly<Record<DiagramTheme, Colours>> = { light, dark };
