import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LoginBudget, memorySessions, SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import { type Answer, Secret, type SessionStore, type TokenGrant } from '../../../src/ports/index.ts';

const HOUR_MS = 3_600_000;
const start = 1_700_000_000_000;

const refused = (retryAfterMs?: number): Answer<TokenGrant> => ({
  ok: false,
  rejection: { endpoint: 'login', status: 429, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});
const granted: Answer<TokenGrant> = {
  ok: true,
  value: { accessToken: new Secret('access-1'), sentAt: start },
};

/** A login of a process that was started just for it. */
function logIn(store: SessionStore, answer: Answer<TokenGrant>, budget: LoginBudget) {
  const keeper = new SessionKeeper({ store, name: 'default', budget });
  return keeper.logIn(0, { otherwise: 'DEV' }, async () => answer);
}

/** Until when it is refused. */
async function notBefore(store: SessionStore, budget: LoginBudget): Promise<number> {
  const result = await logIn(store, granted, budget);
  if (result.kind !== 'trouble' || result.notBefore === undefined) throw new Error(result.kind);
  return result.notBefore;
}

describe('after the clock was set back by ten hours', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: start });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([1, 5])('a spent budget of %i refuses for one period and no longer', async (burst) => {
    const store = memorySessions();
    const budget = { burst, perMs: 333_000 };
    for (let login = 0; login < burst; login += 1) await logIn(store, refused(), budget);
    vi.setSystemTime(start - 10 * HOUR_MS);
    const allowedAt = await notBefore(store, budget);
    expect(allowedAt).toBe(Date.now() + 333_000);
    vi.setSystemTime(allowedAt - 1);
    expect(await notBefore(store, budget)).toBe(allowedAt);
    vi.setSystemTime(allowedAt);
    expect(await logIn(store, granted, budget)).toMatchObject({ kind: 'renewed' });
  });

  it('a Retry-After of the past refuses for an hour at the most', async () => {
    const store = memorySessions();
    const budget = { burst: 5, perMs: 1 };
    await logIn(store, refused(60_000), budget);
    vi.setSystemTime(start - 10 * HOUR_MS);
    const allowedAt = await notBefore(store, budget);
    expect(allowedAt).toBe(Date.now() + HOUR_MS);
    vi.setSystemTime(allowedAt - 1);
    expect(await notBefore(store, budget)).toBe(allowedAt);
    vi.setSystemTime(allowedAt);
    expect(await logIn(store, granted, budget)).toMatchObject({ kind: 'renewed' });
  });

  it('a refusal leaves what else is stored as it is', async () => {
    const store = memorySessions();
    const budget = { burst: 1, perMs: 333_000 };
    await logIn(store, refused(), budget);
    vi.setSystemTime(start - 10 * HOUR_MS);
    await notBefore(store, budget);
    expect(await store.read('default', 'session')).toEqual({ deviceId: 'DEV' });
    expect(await store.read('default', 'logins')).toEqual({ budgetFullAt: Date.now() + 333_000 });
  });
});
