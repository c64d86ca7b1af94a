import type { Frame } from './frame.ts';
import type { FrameStream, StreamOptions } from './frame-stream.ts';

/** Watches one session, and tells what may be told of it. */
export interface Observer {
  readonly name: string;
  /** How things stand at this moment. `event` is what happened last. */
  now(): Frame;
  /** The frames that are kept, oldest first. */
  readonly frames: readonly Frame[];
  /** How many requests wait for a token now. */
  readonly held: number;
  /** The `seq` of the newest frame. */
  readonly seq: number;
  /** The kept frames with a `seq` above this one, oldest first. */
  framesAfter(seq: number): readonly Frame[];
  /**
   * Calls `listener` with each frame from now on, at once and in the bot's own time: it should be short. One that
   * throws is told so, once, and harms nobody. Returns a function that ends it.
   */
  subscribe(listener: (frame: Frame) => void): () => void;
  /** Calls `listener` after each frame, without making it: for those who look only now and then. */
  onNews(listener: () => void): () => void;
  /** The frames from now on. A reader that is too slow loses the oldest; see {@link FrameStream.dropped}. */
  stream(options?: StreamOptions): FrameStream;
  [Symbol.asyncIterator](): FrameStream;
  /** Stops watching, and ends every stream. The session goes on. */
  stop(): void;
}

export interface ObserveOptions {
  /** What the bot is called, on the page and in each frame; at most 60 characters. Default `bot`. */
  readonly name?: string;
  /** How many frames are kept. Default 200. */
  readonly keep?: number;
  /** Where a listener that throws is told. Default `console`. */
  readonly logger?: { warn(message: string): void };
}
