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
  await store.transact(name, async () => ({ record, result: undefined }));
  return store;
}

/** A keeper that has restored generation 1. */
export async function restored(more: Partial<StoredSession> = {}, record: SessionRecord = {}) {
  const store = await storeWith({ ...record, session: session(1, more) });
  const keeper = keeperOn(store);
  await keeper.restore(undefined, 0);
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

/** A store that fails when a transaction is to be committed, or after it was, or at all. */
export function faulty(store: SessionStore) {
  const faults: ({ at: 'start' | 'commit' | 'acknowledge'; permanent: boolean } | undefined)[] = [];
  const fail = (permanent: boolean) => new SessionStoreError('the disk is full', { permanent });
  const wrapped: SessionStore = {
    ...store,
    transact: async (of, work) => {
      const fault = faults.shift();
      if (fault?.at === 'start') throw fail(fault.permanent);
      const result = await store.transact(of, async (record) => {
        const done = await work(record);
        if (fault?.at === 'commit') throw fail(fault.permanent);
        return done;
      });
      if (fault?.at === 'acknowledge') throw fail(fault.permanent);
      return result;
    },
  };
  return { store: wrapped, faults };
}

export const tokensOf = async (store: SessionStore) => {
  const stored = (await store.read(name))?.session;
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
    read: async (of) => {
      check();
      return inner.read(of);
    },
    transact: async (of, work) => {
      check();
      return inner.transact(of, work);
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
