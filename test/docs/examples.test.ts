import { readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { canaryPassword } from '../support/both.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

afterEach(() => vi.unstubAllEnvs());

it('README prints its examples as the files have them, which the tests run', async () => {
  const readme = await read('README.md');
  const printed = [...readme.matchAll(/<!-- example:(\S+) -->\n```ts\n(.*?)```\n<!-- \/example:\1 -->/gs)];
  expect(printed.map(([, name]) => name)).toEqual(['echo-bot', 'any-client']);
  for (const [, name, code] of printed) expect(code).toBe(await read(`docs/examples/${name}.ts`));
});

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
