import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginStream } from './answer.ts';
import type { Messages } from './protocol.ts';
import type { Entry, Roster } from './roster.ts';
import { rowOf, viewOf, visitOf } from './views.ts';

/** The shortest time between two messages to a viewer: what happens in between is told together. */
const PACE_MS = 40;
/** The same after a message that could not tell all there was. */
const BUSY_PACE_MS = 160;
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
  #paceMs = PACE_MS;
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
    this.#roster.settle();
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
    const messages = new Map<string, string>();
    for (const viewer of this.#viewers) {
      if (viewer.blockedSince === undefined) this.#tell(viewer, messages);
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

  /** `messages`: those that are made already. Viewers who know the same are told the same, made once. */
  #tell(viewer: Viewer, messages: Map<string, string>): void {
    const { entry, turn, seq } = viewer;
    const latest = entry?.turn ?? this.#roster.turn;
    if (latest <= turn) return;
    viewer.turn = latest;
    if (entry !== undefined && entry.observer.seq - seq > MOST_VISITS) this.#paceMs = BUSY_PACE_MS;
    const key = entry === undefined ? String(turn) : `${entry.id} ${seq}`;
    const message =
      messages.get(key) ?? (entry === undefined ? this.#rowsSince(turn) : visitsSince(entry, seq));
    messages.set(key, message);
    if (entry !== undefined) viewer.seq = entry.observer.seq;
    this.#send(viewer, message);
  }

  #rowsSince(turn: number): string {
    const { entries, gone } = this.#roster.changedSince(turn);
    return messageOf('rows', {
      now: Date.now(),
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

function visitsSince({ id, observer }: Entry, seq: number): string {
  const visits = observer.framesAfter(Math.max(seq, observer.seq - MOST_VISITS)).map(visitOf);
  const missed = observer.seq - seq - visits.length;
  return messageOf('visits', { now: Date.now(), view: viewOf(id, observer.now()), visits, missed });
}

function messageOf<Name extends keyof Messages>(name: Name, data: Messages[Name]): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
