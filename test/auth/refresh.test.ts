import { describe, expect, it } from 'vitest';
import { credentials } from '../../src/index.ts';
import { makeAuth } from './make.ts';

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
});
