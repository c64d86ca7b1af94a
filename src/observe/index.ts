export type {
  Counters,
  Durations,
  Fact,
  Frame,
  FrameOutcome,
  FrameRefusal,
  FrameState,
  NextStep,
} from './frame.ts';
export type { FrameStream, StreamOptions } from './frame-stream.ts';
export type { Observable } from './observable.ts';
export { observe } from './observe.ts';
export type { Observer, ObserveOptions } from './observer.ts';
export { causeOf, type Situation, situationOf, type Tone, toneOf } from './words/index.ts';
