import type { Rejection } from '../../../src/machines/index.ts';
import { type LoginBudget, memorySessions, SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import {
  type Answer,
  Secret,
  type SessionRecord,
  type SessionStore,
  SessionStoreError,
  type StoredSession,
  type TokenGrant,
} from '../../../src/ports/index.ts';

export const name = 'default';
const budget: LoginBudget = { burst: 100, perMs: 1 };

export function keeperOn(store: SessionStore, options: Partial<LoginBudget> = {}) {
  return new SessionKeeper({ store, name, budget: { ...budget, ...options } });
}

export function session(generation: number, more: Partial<StoredSession> = {}): StoredSession {
  return {
    userId: '@bot:localhost',
    deviceId: 'DEV',
    generation,
    accessToken: new Secret(`access-${generation}`),
    refreshToken: new Secret(`refresh-${generation}`),
    obtainedAt: 1_000,
    ...more,
  };
}

export async function storeWith(record: SessionRecord): Promise<SessionStore> {
  const store = memorySessions();
  await store.update(name, 'session', () => ({ record, result: undefined }));
  return store;
}

/** A keeper that has restored generation 1. */
export async function restored(more: Partial<StoredSession> = {}, record: SessionRecord = {}) {
  const store = await storeWith({ ...record, session: session(1, more) });
  const keeper = keeperOn(store);
  await keeper.restore({}, nobody);
  return { store, keeper };
}

export const granted = (n: number, more: Partial<TokenGrant> = {}): Answer<TokenGrant> => ({
  ok: true,
  value: {
    accessToken: new Secret(`access-${n}`),
    refreshToken: new Secret(`refresh-${n}`),
    expiresInMs: 60_000,
    sentAt: 5_000,
    ...more,
  },
});
export const refusedRefresh: Answer<TokenGrant> = {
  ok: false,
  rejection: { endpoint: 'refresh', status: 403, errcode: 'M_FORBIDDEN' },
};
export const unreachable: Answer<TokenGrant> = {
  ok: false,
  rejection: { endpoint: 'refresh', status: 0, trouble: 'unreachable' },
};

/** Exchanges that answer in this order, and what was spent. */
export function exchanges(...answers: Answer<TokenGrant>[]) {
  const spent: string[] = [];
  return {
    spent,
    exchange: async (refreshToken: Secret) => {
      spent.push(refreshToken.reveal());
      return answers[spent.length - 1] ?? unreachable;
    },
  };
}

/** Asked by nobody where no token is given. */
export const nobody = () => Promise.reject(new Error('Nobody is to be asked.'));

/** The homeserver says whose the token is. */
export const whoamiSays = (userId: string, deviceId: string) => async () => ({
  ok: true as const,
  value: { userId, deviceId },
});

/** The homeserver does not say whose the token is. */
export const whoamiRefuses = (rejection: Omit<Rejection, 'endpoint'>) => async () => ({
  ok: false as const,
  rejection: { endpoint: 'whoami' as const, ...rejection },
});

/** A store that fails when a session is claimed, or when a record is written, or after it was. */
export function faulty(store: SessionStore) {
  const faults: { at: 'start' | 'commit' | 'acknowledge'; permanent: boolean }[] = [];
  const failAt = (at: string) => {
    const fault = faults[0];
    if (fault?.at !== at) return;
    faults.shift();
    throw new SessionStoreError('the disk is full', { permanent: fault.permanent });
  };
  const wrapped: SessionStore = {
    ...store,
    claim: async (of, options) => {
      failAt('start');
      return store.claim(of, options);
    },
    update: async (of, kind, change) => {
      if (kind !== 'session') return store.update(of, kind, change);
      const found = await store.read(of, kind);
      const stored: SessionRecord | undefined = found;
      const record: SessionRecord | undefined = change(found).record;
      const isNew = record?.session !== undefined && record.session !== stored?.session;
      if (isNew) failAt('commit');
      const result = await store.update(of, kind, change);
      if (isNew) failAt('acknowledge');
      return result;
    },
  };
  return { store: wrapped, faults };
}

export const tokensOf = async (store: SessionStore) => {
  const stored = (await store.read(name, 'session'))?.session;
  return {
    generation: stored?.generation,
    access: stored?.accessToken.reveal(),
    refresh: stored?.refreshToken?.reveal(),
    previous: stored?.previous?.reveal(),
  };
};

/** A store that can be away, and that tells who watches it when it is back. */
export function interruptible(inner: SessionStore) {
  let isAway = false;
  const listeners = new Set<() => void>();
  const check = () => {
    if (isAway) throw new SessionStoreError('the database is away', { permanent: false });
  };
  const store: SessionStore = {
    ...inner,
    read: async (of, kind) => {
      check();
      return inner.read(of, kind);
    },
    update: async (of, kind, change) => {
      check();
      return inner.update(of, kind, change);
    },
    claim: async (of, options) => {
      check();
      return inner.claim(of, options);
    },
    watch: (_, listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    store,
    away: () => {
      isAway = true;
    },
    back: () => {
      isAway = false;
    },
    tell: () => {
      for (const listener of listeners) listener();
    },
  };
}
