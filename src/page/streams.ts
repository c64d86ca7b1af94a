import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginStream } from './answer.ts';
import { type Follower, messageOf } from './followers.ts';
import type { Roster } from './roster.ts';

/** The shortest time between two messages to a viewer: what happens in between is sent together. */
const PACE_MS = 40;
/** The same after a message that had to leave something out. */
const BUSY_PACE_MS = 160;
const PING_MS = 15_000;
/** A viewer that has read nothing for this long is disconnected. */
const PATIENCE_MS = 30_000;

interface Viewer {
  readonly response: ServerResponse;
  readonly follower: Follower;
  /** Since when its socket has been full. Until it drains nothing is sent to it, and nothing is buffered for it. */
  blockedSince: number | undefined;
}

/** Streams events to the viewers. Each viewer has a position in the frames, and no buffer of its own. */
export class Streams {
  readonly #roster: Roster;
  readonly #viewers = new Set<Viewer>();
  #flushTimer: NodeJS.Timeout | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #flushedAt = 0;
  #paceMs = PACE_MS;
  #pingedAt = 0;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  get size(): number {
    return this.#viewers.size;
  }

  /** Begins a stream; with `once` it ends after the first message. */
  open(request: IncomingMessage, response: ServerResponse, follower: Follower, once: boolean): void {
    beginStream(response);
    this.#roster.settle();
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const viewer: Viewer = { response, follower, blockedSince: undefined };
    this.#send(viewer, follower.begin());
    if (once) {
      response.end();
      return;
    }
    request.socket.setNoDelay(true);
    this.#viewers.add(viewer);
    this.#ticker ??= setInterval(() => this.#tick(), 1_000);
    response.once('close', () => {
      this.#viewers.delete(viewer);
      if (this.#viewers.size > 0) return;
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    });
  }

  /** To be called when anything has changed. */
  changed(): void {
    if (this.#viewers.size === 0 || this.#flushTimer !== undefined) return;
    const waitMs = Math.max(0, this.#flushedAt + this.#paceMs - Date.now());
    this.#flushTimer = setTimeout(() => this.#flush(), waitMs);
  }

  close(): void {
    clearTimeout(this.#flushTimer);
    clearInterval(this.#ticker);
    for (const { response } of this.#viewers) response.end();
    this.#viewers.clear();
  }

  #flush(): void {
    this.#flushTimer = undefined;
    this.#flushedAt = Date.now();
    this.#paceMs = PACE_MS;
    this.#roster.settle();
    const made = new Map<string, string>();
    for (const viewer of this.#viewers) {
      if (viewer.blockedSince !== undefined) continue;
      const { follower } = viewer;
      const news = follower.news(made);
      if (news === '') continue;
      if (follower.behind) this.#paceMs = BUSY_PACE_MS;
      this.#send(viewer, news);
    }
  }

  #tick(): void {
    this.#roster.lookAtWaiting();
    const now = Date.now();
    const ping = now - this.#pingedAt >= PING_MS;
    if (ping) this.#pingedAt = now;
    for (const viewer of this.#viewers) {
      if (viewer.blockedSince === undefined) {
        if (ping) this.#send(viewer, messageOf('ping', { now }));
      } else if (now - viewer.blockedSince > PATIENCE_MS) {
        viewer.response.destroy();
      }
    }
  }

  #send(viewer: Viewer, message: string): void {
    if (viewer.response.write(message)) return;
    viewer.blockedSince = Date.now();
    viewer.response.once('drain', () => {
      viewer.blockedSince = undefined;
      this.changed();
    });
  }
}
