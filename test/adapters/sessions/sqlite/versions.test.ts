import { chmod, copyFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { join } from 'node:path';
import { defaultLoginBudget, SessionKeeper } from '../../../../src/adapters/sessions/index.ts';
import { sqliteSessions } from '../../../../src/adapters/sessions/sqlite/index.ts';
import { Secret } from '../../../../src/ports/index.ts';
import { ownFolder } from '../folder.ts';
import { exchanges, granted, nobody } from '../keeper-fixtures.ts';

/**
 * Written by the version before claims (commit 6df8640), at 1,700,000,300,000: a given token was taken, a login gave
 * `fixture-at-2`, a refresh `fixture-at-3`; a position was stored; another login was refused with a `Retry-After` of a
 * minute; and the process led.
 */
const FIXTURE = fileURLToPath(new URL('./before-claims.db', import.meta.url));
const WRITTEN_AT = 1_700_000_300_000;

/** What that version reads: a strict object, in which it refuses whatever it does not know. */
const text = v.pipe(v.string(), v.nonEmpty());
const RowBeforeClaims = v.strictObject({
  format: v.literal(1),
  session: v.exactOptional(
    v.strictObject({
      userId: v.exactOptional(text),
      deviceId: v.exactOptional(text),
      generation: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      accessToken: text,
      refreshToken: v.exactOptional(text),
      previous: v.exactOptional(text),
      obtainedAt: v.pipe(v.number(), v.finite()),
      expiresAt: v.exactOptional(v.pipe(v.number(), v.finite())),
    }),
  ),
  deviceId: v.exactOptional(text),
  given: v.exactOptional(text),
  loginBudgetFullAt: v.exactOptional(v.pipe(v.number(), v.finite())),
  loginNotBefore: v.exactOptional(v.pipe(v.number(), v.finite())),
  position: v.exactOptional(text),
  leader: v.exactOptional(v.strictObject({ holder: v.string(), beat: v.number() })),
});

/** A store on a copy of the fixture. */
async function ownCopy() {
  const path = join(await ownFolder(), 'bot.db');
  await copyFile(FIXTURE, path);
  await chmod(path, 0o600);
  const open = () => {
    const store = sqliteSessions(path);
    onTestFinished(() => store.close());
    return store;
  };
  const rawRow = () => {
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database
      .prepare("SELECT body FROM sessions WHERE namespace = 'default' AND name = 'default'")
      .get();
    database.close();
    return JSON.parse(String(row?.['body'])) as unknown;
  };
  /** As the version before writes: the whole record, in place. */
  const writeAsBefore = (more: object) => {
    const database = new DatabaseSync(path);
    database
      .prepare(
        "UPDATE sessions SET version = version + 1, body = ? WHERE namespace = 'default' AND name = 'default'",
      )
      .run(JSON.stringify({ ...(rawRow() as object), ...more }));
    database.close();
  };
  return { open, rawRow, writeAsBefore };
}

function keeperOf(store: ReturnType<typeof sqliteSessions>) {
  return new SessionKeeper({ store, name: 'default', budget: defaultLoginBudget });
}

describe('a file of the version before claims', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: WRITTEN_AT });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives its session, its position and its login budget, and is renewed', async () => {
    const { open } = await ownCopy();
    const store = open();
    const keeper = keeperOf(store);
    const { session } = await keeper.restore({}, nobody);
    expect(session).toMatchObject({ generation: 3, userId: '@bot:example.org', deviceId: 'FIXTURE' });
    expect(session?.accessToken.reveal()).toBe('fixture-at-3');
    expect((await keeper.position.open())?.since).toBe('s72594_4483_1934');
    expect(await store.read('default', 'logins')).toEqual({
      budgetFullAt: WRITTEN_AT + 2 * 333_000 - 300_000,
      notBefore: WRITTEN_AT + 60_000,
    });
    const login = async () => granted(9);
    expect(await keeper.logIn(3, { otherwise: 'OTHER' }, login)).toMatchObject({
      kind: 'trouble',
      notBefore: WRITTEN_AT + 60_000,
    });
    const { exchange, spent } = exchanges(granted(4));
    expect(await keeper.rotate(3, exchange)).toMatchObject({ kind: 'renewed', session: { generation: 4 } });
    expect(spent).toEqual(['fixture-rt-3']);
  });

  it('gives them once more at the next start, and lists its session alone', async () => {
    const { open } = await ownCopy();
    const first = keeperOf(open());
    await first.restore({}, nobody);
    first.position.save('s2');
    await first.close();
    const store = open();
    const second = keeperOf(store);
    await second.restore({}, nobody);
    expect(second.current?.generation).toBe(3);
    expect((await second.position.open())?.since).toBe('s2');
    expect(await store.list()).toEqual(['default']);
  });

  it('keeps a given token from being tried again', async () => {
    const { open } = await ownCopy();
    const given = { accessToken: new Secret('fixture-given') };
    expect((await keeperOf(open()).restore(given, nobody)).session?.generation).toBe(3);
  });

  it('is of the form that this test knows', async () => {
    expect(v.is(RowBeforeClaims, (await ownCopy()).rawRow())).toBe(true);
  });

  it('can be read by that version after this one has written to it', async () => {
    const { open, rawRow } = await ownCopy();
    const keeper = keeperOf(open());
    const given = { accessToken: new Secret('given-later') };
    const whoami = async () => ({
      ok: true as const,
      value: { userId: '@bot:example.org', deviceId: 'LATER' },
    });
    await keeper.restore(given, whoami);
    await keeper.rotate(4, exchanges(granted(5)).exchange);
    keeper.position.save('s2');
    await keeper.logIn(9, { otherwise: 'OTHER' }, async () => granted(10));
    await keeper.close();
    const row = v.parse(RowBeforeClaims, rawRow());
    // The position of long ago is not there for it to go on from.
    expect(row).not.toHaveProperty('position');
    expect(row.given?.split(',')).toEqual(
      ['fixture-given', 'given-later'].map((one) => new Secret(one).fingerprint()),
    );
  });

  it('that was put back for a while: what it has written meanwhile counts', async () => {
    const { open, writeAsBefore } = await ownCopy();
    const first = keeperOf(open());
    await first.restore({}, nobody);
    first.position.save('s2');
    await first.close();
    writeAsBefore({ position: 's3', loginBudgetFullAt: WRITTEN_AT + 4 * 333_000 });
    const store = open();
    const second = keeperOf(store);
    await second.restore({}, nobody);
    expect((await second.position.open())?.since).toBe('s3');
    expect(await store.read('default', 'logins')).toEqual({
      budgetFullAt: WRITTEN_AT + 4 * 333_000,
      notBefore: WRITTEN_AT + 60_000,
    });
    second.position.save('s4');
    await second.close();
    expect((await keeperOf(open()).position.open())?.since).toBe('s4');
  });
});
