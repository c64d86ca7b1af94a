import { randomBytes } from 'node:crypto';
import {
  Secret,
  type SessionRecord,
  type SessionStore,
  type StoredSession,
} from '../../../src/ports/index.ts';

/** A token that can be searched for in everything the tests put out. */
export function canary(kind: 'at' | 'rt'): Secret {
  return new Secret(`canary-${kind}-${randomBytes(12).toString('hex')}`);
}

/** A session of this generation, with new tokens. */
export function sessionOf(generation: number): StoredSession {
  return {
    userId: '@bot:example.org',
    deviceId: 'BOTDEVICE',
    generation,
    accessToken: canary('at'),
    refreshToken: canary('rt'),
    previous: canary('rt'),
    obtainedAt: 1_700_000_000_000,
    expiresAt: 1_700_000_300_000,
  };
}

/** A record with everything in it. */
export function fullRecord(generation = 7): SessionRecord {
  return {
    session: sessionOf(generation),
    deviceId: 'BOTDEVICE',
    given: '0123abcd',
  };
}

/** A record as plain data, with its secrets, to be compared. */
export function plain(record: SessionRecord | undefined): unknown {
  if (record?.session === undefined) return record;
  const { accessToken, refreshToken, previous } = record.session;
  return {
    ...record,
    session: {
      ...record.session,
      accessToken: accessToken.reveal(),
      ...(refreshToken === undefined ? {} : { refreshToken: refreshToken.reveal() }),
      ...(previous === undefined ? {} : { previous: previous.reveal() }),
    },
  };
}

export function write(store: SessionStore, name: string, record: SessionRecord): Promise<void> {
  return store.update(name, 'session', () => ({ record, result: undefined }));
}

/** Raises the generation by one, with new tokens, as a rotation does. */
export function rotate(store: SessionStore, name: string): Promise<number> {
  return store.update(name, 'session', (record) => {
    const generation = (record?.session?.generation ?? 0) + 1;
    return { record: { ...record, session: sessionOf(generation) }, result: generation };
  });
}

export async function generationOf(store: SessionStore, name: string): Promise<number | undefined> {
  return (await store.read(name, 'session'))?.session?.generation;
}

/** Resolves once `store` has told of a change after which the session has this generation. */
export async function toldOf(store: SessionStore, name: string, generation: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = store.watch?.(name, () => {
    generationOf(store, name).then((current) => {
      if (current === generation) resolve();
    }, reject);
  });
  if (stop === undefined) throw new Error('The store cannot watch.');
  try {
    await promise;
  } finally {
    stop();
  }
}
