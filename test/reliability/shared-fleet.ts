import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { programAt } from '../support/programs.ts';

export interface MemberSettings {
  readonly connectionString: string;
  readonly homeserver: string;
  readonly names: readonly string[];
  readonly leaseMs: number;
}

export interface MemberMessage {
  readonly name: string;
  readonly syncs: boolean;
}

const MAIN = programAt(new URL('shared-fleet-main.ts', import.meta.url));

/** Processes that share sessions, as one sees them from outside: which of them syncs what, and since when nobody does. */
export class SharedFleet {
  readonly #settings: MemberSettings;
  readonly #members = new Set<ChildProcess>();
  readonly #syncers = new Map<string, Set<ChildProcess>>();
  /** Since when nobody syncs, by a monotonic clock. */
  readonly #idleSince = new Map<string, number>();
  #longestIdleMs = 0;
  /** Sessions that two processes synced at once. */
  readonly syncedTwice: string[] = [];

  constructor(settings: MemberSettings) {
    this.#settings = settings;
  }

  add(): void {
    const member = fork(MAIN, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#members.add(member);
    member.on('message', (message) => this.#heard(member, message as MemberMessage));
    member.send(this.#settings);
  }

  /** Kills one of them with SIGKILL. */
  async kill(): Promise<void> {
    const members = [...this.#members];
    const member = members[Math.floor(Math.random() * members.length)];
    if (member === undefined) return;
    const ended = once(member, 'exit');
    member.kill('SIGKILL');
    await ended;
    this.#members.delete(member);
    for (const name of this.#settings.names) this.#ended(member, name);
  }

  /** How many sessions are synced by somebody. */
  get synced(): number {
    return this.#settings.names.filter((name) => (this.#syncers.get(name)?.size ?? 0) > 0).length;
  }

  /** The longest that a session was synced by nobody after it had been synced, in ms. */
  get longestIdleMs(): number {
    const now = performance.now();
    return Math.max(this.#longestIdleMs, ...[...this.#idleSince.values()].map((since) => now - since));
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#members].map(async (member) => {
        const ended = once(member, 'exit');
        member.disconnect();
        await ended;
      }),
    );
  }

  #heard(member: ChildProcess, { name, syncs }: MemberMessage): void {
    // What a killed one had sent before its end may come after it.
    if (!this.#members.has(member)) return;
    if (!syncs) return this.#ended(member, name);
    const syncers = this.#syncers.get(name) ?? new Set();
    this.#syncers.set(name, syncers.add(member));
    if (syncers.size > 1) this.syncedTwice.push(name);
    const since = this.#idleSince.get(name);
    if (since === undefined) return;
    this.#idleSince.delete(name);
    this.#longestIdleMs = Math.max(this.#longestIdleMs, performance.now() - since);
  }

  #ended(member: ChildProcess, name: string): void {
    const syncers = this.#syncers.get(name);
    if (syncers?.delete(member) === true && syncers.size === 0) this.#idleSince.set(name, performance.now());
  }
}
