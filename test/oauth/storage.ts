import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What becomes of a refresh token that was exchanged. */
export type SpentRefreshTokens =
  /** oidc-provider's own rule: a second exchange ends the session. */
  | 'refused'
  /** The rule of matrix-authentication-service: it can be exchanged until the pair that it gave is used. */
  | 'good-until-the-next-is-used';

interface Row extends AdapterPayload {
  /** The refresh token that was exchanged for this one. */
  spent?: string;
}

/** Where an oidc-provider keeps its sessions, grants and tokens: in memory, one for each provider. */
export class OAuthStorage {
  readonly #rows = new Map<string, Row>();
  readonly #spentRefreshTokens: SpentRefreshTokens;
  /** The refresh token of a grant that is being exchanged, or was. */
  readonly #exchanged = new Map<string, string>();

  constructor(spentRefreshTokens: SpentRefreshTokens) {
    this.#spentRefreshTokens = spentRefreshTokens;
  }

  /** The factory that oidc-provider asks for one adapter for each of its models. */
  readonly adapter = (model: string): Adapter => {
    const key = (id: string) => `${model}:${id}`;
    const found = async (wanted: (row: Row) => boolean) =>
      [...this.#rows].find(([name, row]) => name.startsWith(key('')) && wanted(row))?.[1];
    return {
      upsert: async (id, payload) => {
        const spent = isToken(model) ? this.#exchanged.get(payload.grantId ?? '') : undefined;
        this.#rows.set(key(id), { ...payload, ...(spent === undefined ? {} : { spent }) });
      },
      find: async (id) => this.#rows.get(key(id)),
      findByUserCode: (userCode) => found((row) => row.userCode === userCode),
      findByUid: (uid) => found((row) => row.uid === uid),
      consume: async (id) => {
        const row = this.#rows.get(key(id));
        if (row === undefined) return;
        if (model === 'RefreshToken') this.#exchange(id, row);
        else row.consumed = now();
      },
      destroy: async (id) => {
        this.#rows.delete(key(id));
      },
      revokeByGrantId: async (grantId) => this.#revoke(grantId),
    };
  };

  /** An access token was seen to work: what was exchanged for it is of no more use. */
  used(accessToken: string): void {
    this.#confirm(this.#rows.get(`AccessToken:${accessToken}`)?.spent);
  }

  /** Ends the sessions of this account with this scope. */
  end(accountId: string, scope: string): void {
    for (const row of [...this.#rows.values()]) {
      if (row.accountId === accountId && row.grantId !== undefined && row.scope?.split(' ').includes(scope))
        this.#revoke(row.grantId);
    }
  }

  #exchange(id: string, row: Row): void {
    if (this.#spentRefreshTokens === 'refused') {
      row.consumed = now();
      return;
    }
    this.#confirm(row.spent);
    // What an earlier exchange of the same one gave.
    for (const [name, { spent }] of this.#rows) if (spent === id) this.#rows.delete(name);
    this.#exchanged.set(row.grantId ?? '', id);
  }

  #confirm(spent: string | undefined): void {
    const row = this.#rows.get(`RefreshToken:${spent}`);
    if (row !== undefined) row.consumed ??= now();
  }

  #revoke(grantId: string): void {
    this.#rows.delete(`Grant:${grantId}`);
    for (const [name, row] of this.#rows) if (row.grantId === grantId) this.#rows.delete(name);
  }
}

function isToken(model: string): boolean {
  return model === 'RefreshToken' || model === 'AccessToken';
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
