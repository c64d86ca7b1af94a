import {
  type Answer,
  type Credentials,
  type Secret,
  type SessionRecord,
  type SessionStore,
  type StoredSession,
  sha256,
  type Whoami,
} from '../../ports/index.ts';
import { meaningOf } from '../../machines/auth/index.ts';
import type { CurrentSession } from './session-renewal.ts';

/** Asks the homeserver whose token this is. */
export type AskWhoami = (token: Secret, options: { readonly signal: AbortSignal }) => Promise<Answer<Whoami>>;

/** What became of a given token beside a session that is stored. */
export type GivenOutcome =
  | { readonly kind: 'known' }
  | { readonly kind: 'taken'; readonly session: StoredSession }
  /** `refused` and `someone-else` are for a person; without a verdict, nobody could be asked. */
  | { readonly kind: 'left'; readonly given?: 'refused' | 'someone-else'; readonly mayServe: boolean };

/** Tokens given by different replicas in turn. */
const REMEMBERED = 32;

/** The session that a given token makes, before anybody has said whose it is. */
export function givenSession(
  { accessToken, refreshToken, deviceId }: Credentials & { readonly accessToken: Secret },
  generation: number,
): StoredSession {
  return {
    ...(deviceId === undefined ? {} : { deviceId }),
    generation,
    accessToken,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    obtainedAt: Date.now(),
  };
}

/** The tokens that were given from outside: which of them were tried, and what becomes of a new one. */
export class GivenTokens {
  readonly #store: SessionStore;
  readonly #name: string;
  readonly #inUse: CurrentSession;
  /** The token in use, until it is stored. */
  candidate: Secret | undefined;

  constructor(store: SessionStore, name: string, inUse: CurrentSession) {
    this.#store = store;
    this.#name = name;
    this.#inUse = inUse;
  }

  /** Tries a token where there is a stored session already, which it replaces only if it is the same user's. */
  async compare(
    credentials: Credentials & { readonly accessToken: Secret },
    stored: StoredSession,
    whoami: AskWhoami,
    signal: AbortSignal,
  ): Promise<GivenOutcome> {
    const { accessToken: token } = credentials;
    if (stored.accessToken.equals(token) || (await this.#isKnown(token))) return { kind: 'known' };
    const answer = await whoami(token, { signal });
    if (!answer.ok) {
      return meaningOf(answer.rejection) === 'token-dead'
        ? { kind: 'left', given: 'refused', mayServe: false }
        : { kind: 'left', mayServe: true };
    }
    const { userId, deviceId } = answer.value;
    if (stored.userId !== undefined && stored.userId !== userId) {
      return { kind: 'left', given: 'someone-else', mayServe: false };
    }
    const session = await this.#store.update(this.#name, 'session', (record) => {
      // Another process with the same token was first, and may have renewed it since.
      if (record?.session !== undefined && wasGiven(record, token)) return { result: record.session };
      const next = {
        ...givenSession(credentials, (record?.session?.generation ?? 0) + 1),
        userId,
        ...(deviceId === undefined ? {} : { deviceId }),
      };
      return { record: { ...record, session: next, given: withGiven(record, token) }, result: next };
    });
    await this.note(token);
    return { kind: 'taken', session };
  }

  /**
   * Writes the candidate that the homeserver has taken, if this is its session, unless another process has stored another
   * one. Says whether it is its session.
   */
  async storeCandidate(session: StoredSession): Promise<boolean> {
    const token = this.candidate;
    if (token === undefined || !session.accessToken.equals(token)) return false;
    const isStored = await this.#store.update(this.#name, 'session', (record) => {
      const isOther = record?.session !== undefined && !record.session.accessToken.equals(token);
      return isOther
        ? { result: false }
        : { record: { ...record, session, given: withGiven(record, token) }, result: true };
    });
    if (this.#inUse.session?.generation === session.generation) this.#inUse.use(session);
    if (isStored) await this.noteCandidate();
    return true;
  }

  /** The candidate was stored, or what it was exchanged for. */
  async noteCandidate(): Promise<void> {
    const token = this.candidate;
    this.candidate = undefined;
    if (token === undefined) return;
    // If it is not noted, it is tried once more at the next start.
    await this.note(token).catch(() => undefined);
  }

  /** It need not be tried again. */
  async note(token: Secret): Promise<void> {
    const digest = sha256(token.reveal());
    await this.#store.update(this.#name, 'given', (record) => {
      const others = record?.fingerprints.filter((one) => one !== digest) ?? [];
      const fingerprints = [...others, digest].slice(-REMEMBERED);
      return { record: { ...record, fingerprints }, result: undefined };
    });
  }

  async #isKnown(token: Secret): Promise<boolean> {
    const record = await this.#store.read(this.#name, 'given');
    if (record?.fingerprints.includes(sha256(token.reveal())) === true) return true;
    // What older versions took.
    return wasGiven(await this.#store.read(this.#name, 'session'), token);
  }
}

function wasGiven(record: SessionRecord | undefined, token: Secret): boolean {
  return record?.given?.split(',').includes(token.fingerprint()) === true;
}

/** What older versions are to know once this token has been taken, too. */
function withGiven(record: SessionRecord | undefined, token: Secret): string {
  const others = record?.given?.split(',').filter((one) => one !== token.fingerprint()) ?? [];
  return [...others, token.fingerprint()].slice(-REMEMBERED).join(',');
}
