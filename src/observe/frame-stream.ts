import type { Frame } from './frame.ts';
import type { RingBuffer } from './ring-buffer.ts';

/** The frames from now on (or from further back), one after another. */
export interface FrameStream extends AsyncIterableIterator<Frame> {
  /** How many frames this reader was too slow for: they were dropped, oldest first. */
  readonly dropped: number;
}

export interface StreamOptions {
  /** Begin with the frames that are still kept, instead of with the next one. Default false. */
  readonly kept?: boolean;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

/** Where a stream reads, and how it learns that there is something to read. */
export interface FrameSource {
  readonly ring: RingBuffer<Frame>;
  readonly ended: () => boolean;
  /** Calls this once, at the next frame or at the end. */
  readonly wake: Set<() => void>;
}

/**
 * Reads the ring with a cursor of its own, and buffers nothing: a reader that is slow, or that has gone away, costs no
 * memory and delays nobody.
 */
export function streamOf({ ring, ended, wake }: FrameSource, options: StreamOptions): FrameStream {
  const { kept = false, signal } = options;
  let cursor = kept ? ring.first - 1 : ring.last;
  let dropped = 0;
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();
  const done = { done: true, value: undefined } as const;

  const take = async (): Promise<IteratorResult<Frame, undefined>> => {
    for (;;) {
      if (closed || signal?.aborted === true) return done;
      if (cursor < ring.first - 1) {
        dropped += ring.first - 1 - cursor;
        cursor = ring.first - 1;
      }
      const frame = ring.at(cursor + 1);
      if (frame !== undefined) {
        cursor += 1;
        return { done: false, value: frame };
      }
      if (ended()) return done;
      await news();
    }
  };

  let stopWaiting: (() => void) | undefined;
  const news = () =>
    new Promise<void>((resolve) => {
      const end = () => {
        wake.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      stopWaiting = end;
      wake.add(end);
      signal?.addEventListener('abort', end);
    });

  return {
    get dropped() {
      return dropped;
    },
    next() {
      const result = turn.then(take);
      turn = result;
      return result;
    },
    async return() {
      closed = true;
      stopWaiting?.();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
