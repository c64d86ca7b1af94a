import { describe, expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { makeAuth, WHOAMI } from './make.ts';

const ROOMS = '/_matrix/client/v3/joined_rooms';

describe('refresh()', () => {
  it('rejects if no new token came of it, although the old one still works', async () => {
    const source = await makeAuth();
    await source.auth.start();
    const { auth } = await makeAuth({
      homeserver: source.proxy.url,
      credentials: credentials({ accessToken: await source.auth.accessToken(), refreshToken: 'syr_dead' }),
    });
    await auth.start();
    const before = auth.snapshot().generation;
    const outcome = await auth.refresh().then(
      () => 'resolved',
      () => 'rejected',
    );
    expect(auth.snapshot()).toMatchObject({ state: 'valid', generation: before });
    expect(outcome).toBe('rejected');
  });

  it('answers whoever was refused with the new token, also while whoami is asked about the old one', async () => {
    const { auth, proxy, log } = await makeAuth();
    await auth.start();
    await auth.refresh();
    const refusal = { errcode: 'M_UNKNOWN_TOKEN', error: 'no' };
    proxy.inject({ match: { path: ROOMS }, fault: { kind: 'answer', status: 401, body: refusal } });
    const asked = proxy.inject({ match: { path: WHOAMI }, fault: { kind: 'delay', delayMs: 60_000 } });
    const rooms = auth.fetch(`${proxy.url}${ROOMS}`);
    await asked.hit;
    await auth.refresh();
    expect((await rooms).status).toBe(200);
    expect(log).toEqual([]);
  });
});
