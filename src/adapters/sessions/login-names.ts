import { type LoginsRecord, type SessionStore, SessionStoreError, sha256 } from '../../ports/index.ts';

/** As many names are remembered; the oldest is forgotten first. */
const REMEMBERED = 8;

type Known = NonNullable<LoginsRecord['names']>;

/**
 * Whom the homeserver has signed in by which name, where the user id does not tell: `First.Last` may be `@flast`. It is
 * stored, since a later process finds a session of `@flast` and is told of `First.Last`.
 */
export class LoginNames {
  readonly #store: SessionStore;
  readonly #sessionName: string;

  constructor(store: SessionStore, sessionName: string) {
    this.#store = store;
    this.#sessionName = sessionName;
  }

  /** Notes it, if the store is there: without it, a later start that finds the session needs a person. */
  async note(name: string, userId: string): Promise<void> {
    const digest = sha256(name);
    const others = ({ names = [] }: LoginsRecord) => names.filter((known) => known.name !== digest);
    try {
      await this.#store.update(this.#sessionName, 'logins', (record = {}) => {
        const names: Known = [...others(record), { name: digest, userId }].slice(-REMEMBERED);
        return { record: { ...record, names }, result: undefined };
      });
    } catch (error) {
      if (!(error instanceof SessionStoreError)) throw error;
    }
  }

  /**
   * Whether this name has signed in this user.
   * @throws {SessionStoreError}
   */
  async mean(names: readonly string[], userId: string): Promise<boolean> {
    const { names: known = [] } = (await this.#store.read(this.#sessionName, 'logins')) ?? {};
    const digests = new Set(names.map((name) => sha256(name)));
    return known.some((one) => one.userId === userId && digests.has(one.name));
  }
}
