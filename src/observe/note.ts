import type { AuthContext } from '../machines/index.ts';
import type { Counters, Fact, Frame } from './frame.ts';
import { frameOf } from './frame-of.ts';
import type { Times } from './tally.ts';

/** What was noted down of a session at one moment: cheap to make, and not yet fit to be shown. */
export interface Note {
  readonly seq: number;
  readonly at: number;
  readonly bot: string;
  /** The machine's event, as it came. */
  readonly event: unknown;
  readonly facts: readonly Fact[];
  readonly warning: Frame['warning'];
  /** The machine's state value, as it came. */
  readonly value: unknown;
  readonly since: number;
  /** The state value that it left, and when it had come into that; `undefined` if it left none. */
  readonly left: unknown;
  readonly leftSince: number;
  readonly status: string;
  readonly tags: ReadonlySet<unknown>;
  readonly context: AuthContext;
  readonly held: unknown;
  readonly counters: Counters;
  readonly times: Times;
  /** The frame, once somebody has read it. */
  frame: Frame | undefined;
}

/** The frame of this moment. It is made when it is first read: most of a busy bot's frames never are. */
export function frameIn(note: Note): Frame {
  return (note.frame ??= frameOf(note));
}
