import { afterEach, expect, it, vi } from 'vitest';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { canaryPassword } from '../support/both.ts';

afterEach(() => vi.unstubAllEnvs());

it('any-client.ts asks again with the new token when the old one has run out', async () => {
  await using homeserver = await startTestHomeserver({ accessTokenLifetimeMs: 60_000 });
  await using proxy = await startFaultProxy({ target: homeserver.url });
  const password = canaryPassword();
  homeserver.createUser('bot', password);
  vi.stubEnv('HOMESERVER_URL', proxy.url);
  vi.stubEnv('MATRIX_USERNAME', 'bot');
  vi.stubEnv('MATRIX_PASSWORD', password);
  const { auth, whoami } = await import('../../docs/examples/any-client.ts');
  try {
    homeserver.expireTokens();
    expect(await whoami()).toMatchObject({ user_id: '@bot:localhost' });
    expect(proxy.count({ path: '/refresh' })).toBe(1);
  } finally {
    await auth.stop();
  }
});
