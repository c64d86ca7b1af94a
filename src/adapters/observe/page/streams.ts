import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginStream } from './answer.ts';
import type { Messages } from './protocol.ts';
import type { Entry, Roster } from './roster.ts';
import { rowOf, viewOf, visitOf } from './views.ts';

/** The shortest time between two messages to a viewer: what happens in between is told together. */
const PACE_MS = 40;
const PING_MS = 15_000;
/** A viewer that has taken nothing for this long is gone. */
const PATIENCE_MS = 30_000;
/** The most visits that one message tells. */
const MOST_VISITS = 200;

interface Viewer {
  readonly response: ServerResponse;
  /** The bot it looks at; `undefined` where it looks at the fleet. */
  readonly entry: Entry | undefined;
  /** How far it has been told: the turn of the fleet; the frame and the turn of the bot. */
  turn: number;
  seq: number;
  /** Since when it has not taken what was sent. Nothing more is sent to it, nor kept for it, until then. */
  blockedSince: number | undefined;
}

/** Tells the viewers what happens. A viewer costs a position, and no buffer of its own. */
export class Streams {
  readonly #roster: Roster;
  readonly #page: string;
  readonly #viewers = new Set<Viewer>();
  #flushTimer: NodeJS.Timeout | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #flushedAt = 0;
  #pingedAt = 0;

  constructor(roster: Roster, page: string) {
    this.#roster = roster;
    this.#page = page;
  }

  get size(): number {
    return this.#viewers.size;
  }

  /** Begins a stream; with `once` it ends after the first message. */
  open(request: IncomingMessage, response: ServerResponse, entry: Entry | undefined, once: boolean): void {
    beginStream(response);
    const viewer: Viewer = { response, entry, turn: this.#roster.turn, seq: 0, blockedSince: undefined };
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    this.#begin(viewer);
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
    const waitMs = Math.max(0, this.#flushedAt + PACE_MS - Date.now());
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
    const rows = new Map<number, string>();
    for (const viewer of this.#viewers) {
      if (viewer.blockedSince === undefined) this.#tell(viewer, rows);
    }
  }

  #tick(): void {
    this.#roster.lookAtHeld();
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

  #begin(viewer: Viewer): void {
    const { entry } = viewer;
    const now = Date.now();
    const page = this.#page;
    if (entry === undefined) {
      const rows = this.#roster.entries.map(({ id, observer }) => rowOf(id, observer.now()));
      this.#send(viewer, messageOf('fleet', { now, page, rows }));
      return;
    }
    const { id, observer } = entry;
    viewer.seq = observer.seq;
    const visits = observer.framesAfter(observer.seq - MOST_VISITS).map(visitOf);
    this.#send(viewer, messageOf('bot', { now, page, view: viewOf(id, observer.now()), visits }));
  }

  #tell(viewer: Viewer, rows: Map<number, string>): void {
    const { entry, turn } = viewer;
    const now = Date.now();
    if (entry === undefined) {
      if (turn === this.#roster.turn) return;
      viewer.turn = this.#roster.turn;
      const known = rows.get(turn) ?? this.#rowsSince(turn, now);
      rows.set(turn, known);
      this.#send(viewer, known);
      return;
    }
    if (entry.turn <= turn) return;
    viewer.turn = entry.turn;
    const { id, observer } = entry;
    const after = Math.max(viewer.seq, observer.seq - MOST_VISITS);
    const visits = observer.framesAfter(after).map(visitOf);
    const missed = observer.seq - viewer.seq - visits.length;
    viewer.seq = observer.seq;
    this.#send(viewer, messageOf('visits', { now, view: viewOf(id, observer.now()), visits, missed }));
  }

  #rowsSince(turn: number, now: number): string {
    const { entries, gone } = this.#roster.changedSince(turn);
    return messageOf('rows', {
      now,
      rows: entries.map(({ id, observer }) => rowOf(id, observer.now())),
      gone,
    });
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

function messageOf<Name extends keyof Messages>(name: Name, data: Messages[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
