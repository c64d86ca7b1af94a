import type { ActorRefFrom } from 'xstate';
import type { authMachine } from '../machines/auth/index.ts';
import type { Frame } from './frame.ts';
import type { FrameStream, StreamOptions } from './frame-stream.ts';

/** What can be observed: any `MatrixAuth` fits. */
export interface Observable {
  /** The XState actor of the machine. */
  readonly actor: ActorRefFrom<typeof authMachine>;
  /** How many requests wait for a token now. */
  readonly held?: number;
  /** How many messages of `send()` wait now, and since when the oldest does. */
  readonly outgoing?: {
    readonly length: number;
    readonly oldestAt?: number | undefined;
    readonly delivered?: number;
  };
  /** How many messages of others the client has been given. */
  readonly received?: number;
  /** The homeserver's base URL, once it is known. */
  readonly homeserver?: string | undefined;
}

/** Watches one session, and shows what may be seen of it. */
export interface Observer {
  readonly name: string;
  /** How things stand at this moment. `event` is what happened last. */
  now(): Frame;
  /** The frames that are kept, oldest first. */
  readonly frames: readonly Frame[];
  /** How many requests wait for a token now. */
  readonly held: number;
  /** How many messages of `send()` wait now. */
  readonly outgoing: number;
  /** How many messages of others have come, and how many of `send()` were delivered. */
  readonly received: number;
  readonly delivered: number;
  /** The `seq` of the newest frame. */
  readonly seq: number;
  /** The kept frames with a `seq` above this one, oldest first. */
  framesAfter(seq: number): readonly Frame[];
  /**
   * Calls `listener` with each frame from now on, synchronously: it should be short. The first error that it throws is
   * logged, and changes nothing. Returns a function that ends it.
   */
  subscribe(listener: (frame: Frame) => void): () => void;
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
  /** Where the errors of listeners are logged. Default `console`. */
  readonly logger?: { warn(message: string): void };
}
