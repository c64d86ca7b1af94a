/**
 * Watches a session: frames of what may be seen of it, and words for them.
 * @module
 */
export type {
  Counters,
  Durations,
  Fact,
  Frame,
  FrameOutcome,
  FrameRefusal,
  Refusals,
} from './frame.ts';
export { warningKinds } from './allowed-values.ts';
export type { FrameStream, StreamOptions } from './frame-stream.ts';
export { observe } from './observe.ts';
export type { Observable, Observer, ObserveOptions } from './observer.ts';
export type { ProcessInfo } from './process-info.ts';
export { type AuthSnapshot, type AuthState, snapshotOf, whereIs } from './snapshot.ts';
export { causeOf, type Situation, situationOf, type Tone, toneOf } from './words/index.ts';
