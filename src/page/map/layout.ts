import type { AuthState } from '../../observe/index.ts';

/** A state's place, and how its inner states are arranged: rows of as many as there are in each. */
export interface Box {
  readonly state: AuthState;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly rows: readonly (readonly string[])[];
}

export interface Edge {
  readonly from: AuthState;
  readonly to: AuthState;
  readonly path: string;
  /** Part of the ordinary course; the others are faint until they are taken. */
  readonly main?: true;
}

export interface Layout {
  /** Set before the ids of this drawing, so that two can be on one page. */
  readonly prefix: string;
  readonly className: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
}

export const TITLE_HEIGHT = 36;
export const STEP_HEIGHT = 24;
export const STEP_GAP = 5;
export const PADDING = 10;

export function heightOf({ rows }: Pick<Box, 'rows'>): number {
  if (rows.length === 0) return TITLE_HEIGHT + 6;
  return TITLE_HEIGHT + rows.length * (STEP_HEIGHT + STEP_GAP) - STEP_GAP + PADDING;
}
