import { describe, expect, it } from 'vitest';
import { credentialsFromEnv } from '../../src/index.ts';
import { makeAuth, PASSWORD } from './make.ts';

/** What people write for the address of a homeserver that is there. */
const addresses: readonly (readonly [string, (url: string) => string])[] = [
  ['a slash at its end', (url) => `${url}/`],
  ['the path of the API', (url) => `${url}/_matrix/client/v3`],
  ['the path of a request', (url) => `${url}/_matrix/client/v3/login`],
  ['quotation marks around it', (url) => `"${url}"`],
  ['a line end behind it', (url) => `${url}\r\n`],
  ['a slash too few', (url) => url.replace('//', '/')],
  ['no scheme', (url) => url.replace('http://', '')],
  ['the name of the variable before it', (url) => `HOMESERVER_URL=${url}`],
  ['angle brackets around it', (url) => `<${url}>`],
];

/** What people write for a token that works. */
const tokens: readonly (readonly [string, (token: string) => string])[] = [
  ['Bearer before it', (token) => `Bearer ${token}`],
  ['the whole header', (token) => `Authorization: Bearer ${token}`],
  ['quotation marks around it', (token) => `"${token}"`],
  ['a line end behind it', (token) => `${token}\r\n`],
];

describe('a bot signs in', () => {
  it.each(addresses)('at an address with %s', async (_, write) => {
    const { proxy } = await makeAuth();
    const { auth } = await makeAuth({ homeserver: write(proxy.url) });
    await auth.start();
    expect(auth.homeserver).toBe(proxy.url);
    expect(auth.snapshot()).toMatchObject({ state: 'valid', userId: '@bot:localhost' });
  });

  it.each(tokens)('with a token that has %s', async (_, write) => {
    const { homeserver } = await makeAuth();
    const answer = await fetch(`${homeserver.url}/_matrix/client/v3/login`, {
      method: 'POST',
      body: JSON.stringify({
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: 'bot' },
        password: PASSWORD,
      }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const { auth } = await makeAuth({
      homeserver: homeserver.url,
      credentials: credentialsFromEnv({ ACCESS_TOKEN: write(token) }),
    });
    await auth.start();
    expect(await auth.accessToken()).toBe(token);
  });
});
