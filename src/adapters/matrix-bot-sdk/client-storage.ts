/** A filter that the SDK has made at the homeserver. */
interface StoredFilter {
  readonly id: number;
  readonly filter: object;
}

/** What a client stores besides its session, kept in this process: the next client finds it as the last one left it. */
export class ClientStorage {
  readonly #values = new Map<string, string>();
  #syncToken: string | null = null;
  #filter: StoredFilter | undefined;

  setSyncToken(token: string | null): void {
    this.#syncToken = token;
  }

  getSyncToken(): string | null {
    return this.#syncToken;
  }

  setFilter(filter: StoredFilter): void {
    this.#filter = filter;
  }

  getFilter(): StoredFilter {
    // The SDK asks for one that there may not be; its type does not say so.
    return this.#filter as StoredFilter;
  }

  storeValue(key: string, value: string): void {
    this.#values.set(key, value);
  }

  readValue(key: string): string | undefined {
    return this.#values.get(key);
  }
}
