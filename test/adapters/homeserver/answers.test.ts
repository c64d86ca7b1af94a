import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createHomeserver } from '../../../src/adapters/homeserver/index.ts';
import { type Homeserver, Secret } from '../../../src/ports/index.ts';
import { json, startTinyServer } from './tiny-server.ts';

const login = {
  flow: {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: 'bot' },
    password: new Secret('pw'),
  },
  deviceId: 'DEV',
  refreshToken: true,
};

const calls = {
  login: (homeserver: Homeserver) => homeserver.login(login),
  refresh: (homeserver: Homeserver) => homeserver.refresh(new Secret('refresh-1')),
  whoami: (homeserver: Homeserver) => homeserver.whoami(new Secret('access-1')),
  logout: (homeserver: Homeserver) => homeserver.logout(new Secret('access-1')),
} as const;
type CallName = keyof typeof calls;
const endpointOf = (name: CallName) => (name === 'logout' ? 'other' : name);
const names = Object.keys(calls) as CallName[];
const good = {
  access_token: 'access-2',
  refresh_token: 'refresh-2',
  expires_in_ms: 1_000,
  user_id: '@bot:localhost',
  device_id: 'DEV',
};
const withBody = names.filter((name) => name !== 'logout');

async function ask(name: CallName, answer: (response: ServerResponse) => void) {
  const server = await startTinyServer(answer);
  return { answer: await calls[name](createHomeserver({ url: server.url })), server };
}

describe('what is asked', () => {
  it('login: the password, the device and its name, and a refresh token', async () => {
    const server = await startTinyServer((response) => json(response, 500, {}));
    const homeserver = createHomeserver({ url: server.url });
    await homeserver.login({ ...login, deviceDisplayName: 'a bot' });
    const [seen] = server.seen;
    expect(seen).toMatchObject({ method: 'POST', url: '/_matrix/client/v3/login' });
    expect(seen?.headers['content-type']).toBe('application/json');
    expect(seen?.headers.authorization).toBeUndefined();
    expect(JSON.parse(String(seen?.body))).toEqual({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'bot' },
      password: 'pw',
      device_id: 'DEV',
      initial_device_display_name: 'a bot',
      refresh_token: true,
    });
  });

  it('login: no refresh token and no display name where none is wanted', async () => {
    const { server } = await ask('login', (response) => json(response, 500, {}));
    const homeserver = createHomeserver({ url: server.url });
    await homeserver.login({ ...login, refreshToken: false });
    const body = JSON.parse(String(server.seen.at(-1)?.body));
    expect(body).not.toHaveProperty('refresh_token');
    expect(body).not.toHaveProperty('initial_device_display_name');
  });

  it('refresh: the refresh token in the body, and no access token', async () => {
    const { server } = await ask('refresh', (response) => json(response, 500, {}));
    expect(server.seen[0]).toMatchObject({ method: 'POST', url: '/_matrix/client/v3/refresh' });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    expect(JSON.parse(String(server.seen[0]?.body))).toEqual({ refresh_token: 'refresh-1' });
  });

  it.each([
    ['whoami', 'GET', '/_matrix/client/v3/account/whoami', '', undefined],
    ['logout', 'POST', '/_matrix/client/v3/logout', '{}', 'application/json'],
  ] as const)('%s: the access token in the header', async (name, method, url, body, type) => {
    const { server } = await ask(name, (response) => json(response, 500, {}));
    expect(server.seen[0]).toMatchObject({ method, url });
    expect(String(server.seen[0]?.body)).toBe(body);
    expect(server.seen[0]?.headers['content-type']).toBe(type);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer access-1');
  });
});

describe('good answers', () => {
  it('login: everything', async () => {
    const before = Date.now();
    const { answer } = await ask('login', (response) =>
      json(response, 200, {
        access_token: 'access-1',
        refresh_token: 'refresh-1',
        expires_in_ms: 300_000,
        user_id: '@bot:localhost',
        device_id: 'DEV',
        home_server: 'localhost',
        well_known: {},
      }),
    );
    if (!answer.ok || answer.value === undefined) throw new Error('not ok');
    const value = answer.value as Extract<Awaited<ReturnType<Homeserver['login']>>, { ok: true }>['value'];
    expect(value.accessToken.reveal()).toBe('access-1');
    expect(value.refreshToken?.reveal()).toBe('refresh-1');
    expect(value).toMatchObject({ expiresInMs: 300_000, userId: '@bot:localhost', deviceId: 'DEV' });
    expect(value.sentAt).toBeGreaterThanOrEqual(before);
    expect(value.sentAt).toBeLessThanOrEqual(Date.now());
  });

  it('login: without a refresh token and an end', async () => {
    const { answer } = await ask('login', (response) =>
      json(response, 200, { access_token: 'access-1', user_id: '@bot:localhost', device_id: 'DEV' }),
    );
    expect(answer).toMatchObject({ ok: true });
    expect(Object.keys((answer as { value: object }).value).sort()).toEqual([
      'accessToken',
      'deviceId',
      'sentAt',
      'userId',
    ]);
  });

  it('refresh: the lifetime counts from when the request was sent', async () => {
    const server = await startTinyServer((response) =>
      json(response, 200, { access_token: 'access-2', expires_in_ms: 1_000 }),
    );
    let sentAt = 0;
    const homeserver = createHomeserver({
      url: server.url,
      fetch: (input, init) => {
        sentAt = Date.now();
        return fetch(input, init);
      },
    });
    const answer = await homeserver.refresh(new Secret('refresh-1'));
    if (!answer.ok) throw new Error('not ok');
    expect(answer.value.sentAt).toBeLessThanOrEqual(sentAt);
    expect(answer.value.expiresInMs).toBe(1_000);
    expect(answer.value.refreshToken).toBeUndefined();
  });

  it.each([
    [{ user_id: '@bot:localhost' }, { userId: '@bot:localhost' }],
    [
      { user_id: '@bot:localhost', device_id: 'DEV', is_guest: false },
      { userId: '@bot:localhost', deviceId: 'DEV' },
    ],
  ])('whoami: %j', async (body, value) => {
    const { answer } = await ask('whoami', (response) => json(response, 200, body));
    expect(answer).toStrictEqual({ ok: true, value });
  });

  it('logout: any 200', async () => {
    const { answer } = await ask('logout', (response) => response.end('<html>bye'));
    expect(answer).toEqual({ ok: true, value: undefined });
  });
});

describe('a 200 that is none', () => {
  const html = '<html><body>Please log in to the hotel network</body></html>';
  const bodies: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['{}', (response) => json(response, 200, {})],
    ['null', (response) => json(response, 200, null)],
    ['an array', (response) => json(response, 200, [])],
    ['HTML', (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(html)],
    ['nothing', (response) => response.end()],
    ['a 204', (response) => response.writeHead(204).end()],
    ['half of the JSON', (response) => response.end('{"access_token":"abc","user_')],
    [
      'half of the body',
      (response) => {
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('{"access_token":"abc","user_id":"@bot:localhost",', () => response.destroy());
      },
    ],
    ['an empty token', (response) => json(response, 200, { access_token: '', user_id: '', device_id: 'D' })],
    ['wrong types', (response) => json(response, 200, { access_token: 1, user_id: {}, device_id: [] })],
  ];
  for (const name of withBody) {
    it.each(bodies)(`${name}: %s is malformed, which is transient`, async (_, respond) => {
      const { answer } = await ask(name, respond);
      expect(answer).toMatchObject({
        ok: false,
        rejection: { endpoint: name, trouble: 'malformed' },
      });
    });
  }

  it.each([undefined, null, '', 1, {}, 'a b', 'a\nb', 'a\u0000b', 'ä', '\u{1f600}'])(
    'refresh and login: an access token that no header can carry: %j',
    async (access_token) => {
      for (const name of ['login', 'refresh'] as const) {
        const { answer } = await ask(name, (response) => json(response, 200, { ...good, access_token }));
        expect(answer).toEqual({
          ok: false,
          rejection: { endpoint: name, status: 200, trouble: 'malformed' },
        });
      }
    },
  );

  it.each([undefined, null, '', 1, 'bot', '@bot', 'bot:localhost', '@bot:'])(
    'whoami: a user id that is none: %j',
    async (user_id) => {
      const { answer } = await ask('whoami', (response) => json(response, 200, { user_id }));
      expect(answer).toMatchObject({ ok: false, rejection: { trouble: 'malformed' } });
    },
  );
});

describe('an optional field that is odd counts as absent', () => {
  const odd = {
    refresh_token: [null, '', 1, true, {}, []],
    expires_in_ms: [null, -1, '300000', '', true, {}, []],
    device_id: [null, '', 1, {}, []],
  };
  const cases = Object.entries(odd).flatMap(([field, values]) =>
    values.map((value) => [field, value] as const),
  );

  it.each(cases)('login and refresh: %s %j', async (field, value) => {
    for (const name of ['login', 'refresh'] as const) {
      const usual = await ask(name, (response) => json(response, 200, { ...good, [field]: undefined }));
      const { answer } = await ask(name, (response) => json(response, 200, { ...good, [field]: value }));
      expect(shapeOf(answer)).toEqual(shapeOf(usual.answer));
      expect(answer.ok).toBe(true);
    }
  });

  it.each([null, '', 1, 'bot', '@bot', {}])('login: user_id %j', async (user_id) => {
    const { answer } = await ask('login', (response) => json(response, 200, { ...good, user_id }));
    expect(answer).toMatchObject({ ok: true, value: { deviceId: 'DEV' } });
    expect((answer as { value: object }).value).not.toHaveProperty('userId');
  });

  it.each(odd.device_id)('whoami: device_id %j', async (device_id) => {
    const { answer } = await ask('whoami', (response) => json(response, 200, { ...good, device_id }));
    expect(answer).toStrictEqual({ ok: true, value: { userId: '@bot:localhost' } });
  });

  it.each([
    ['a byte order mark before it', (text: string) => `\ufeff${text}`],
    ['a field twice', (text: string) => text.replace('{', '{"access_token":null,"expires_in_ms":"x",')],
    ['fields that nobody knows', (text: string) => text.replace('{', '{"__proto__":1,"x":[[]],"":null,')],
    ['blanks around it', (text: string) => `\r\n ${text}\n`],
  ])('a body with %s is read', async (_, change) => {
    for (const name of withBody) {
      const { answer } = await ask(name, (response) => response.end(change(JSON.stringify(good))));
      expect(answer).toMatchObject({ ok: true });
    }
  });

  it('an error code that may quote anything is not repeated', async () => {
    const { answer } = await ask('refresh', (response) => json(response, 401, { errcode: 'M_X refresh-1' }));
    expect(answer).toStrictEqual({ ok: false, rejection: { endpoint: 'refresh', status: 401 } });
  });

  const shapeOf = (answer: unknown) =>
    Object.entries((answer as { value?: object }).value ?? {})
      .filter(([name]) => name !== 'sentAt')
      .map(([name, value]) => [name, value instanceof Secret ? value.fingerprint() : value]);
});

describe('refusals', () => {
  for (const name of names) {
    it.each([
      [
        401,
        { errcode: 'M_UNKNOWN_TOKEN', soft_logout: true },
        { errcode: 'M_UNKNOWN_TOKEN', softLogout: true },
      ],
      [401, { errcode: 'M_UNKNOWN_TOKEN', soft_logout: 'yes' }, { errcode: 'M_UNKNOWN_TOKEN' }],
      [401, { flows: [], session: 'x' }, { flows: true }],
      [403, { errcode: 'M_FORBIDDEN', error: 'Invalid password' }, { errcode: 'M_FORBIDDEN' }],
      [404, { errcode: 'M_UNRECOGNIZED' }, { errcode: 'M_UNRECOGNIZED' }],
      [
        429,
        { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1500 },
        { errcode: 'M_LIMIT_EXCEEDED', retryAfterMs: 1500 },
      ],
      [500, {}, {}],
      [503, { errcode: 'M_UNKNOWN' }, { errcode: 'M_UNKNOWN' }],
    ])(`${name}: %i %j`, async (status, body, expected) => {
      const { answer } = await ask(name, (response) => json(response, status, body));
      expect(answer).toStrictEqual({
        ok: false,
        rejection: { endpoint: endpointOf(name), status, ...expected },
      });
    });

    it(`${name}: 502 with HTML keeps its status`, async () => {
      const { answer } = await ask(name, (response) => response.writeHead(502).end('<html>Bad Gateway'));
      expect(answer).toEqual({
        ok: false,
        rejection: {
          endpoint: endpointOf(name),
          status: 502,
          detail: { code: 'server-error', what: expect.stringContaining('502') },
        },
      });
    });

    it(`${name}: a connection that is cut is no answer`, async () => {
      const { answer } = await ask(name, (response) => response.destroy());
      expect(answer).toEqual({
        ok: false,
        rejection: {
          endpoint: endpointOf(name),
          status: 0,
          trouble: 'unreachable',
          detail: { code: 'connection-reset', what: expect.any(String) },
        },
      });
    });
  }

  it('keeps what it can read of a body whose errcode is no string', async () => {
    const { answer } = await ask('refresh', (response) =>
      json(response, 429, { errcode: 429, retry_after_ms: 4_000 }),
    );
    expect(answer).toStrictEqual({
      ok: false,
      rejection: { endpoint: 'refresh', status: 429, retryAfterMs: 4_000 },
    });
  });
});

describe('how long to wait', () => {
  async function waitOf(headers: Record<string, string>, body: object = {}, status = 429) {
    const { answer } = await ask('refresh', (response) => json(response, status, body, headers));
    return (answer as { rejection: { retryAfterMs?: number } }).rejection.retryAfterMs;
  }

  it('Retry-After in seconds, before retry_after_ms', async () => {
    expect(await waitOf({ 'Retry-After': '120' }, { retry_after_ms: 5 })).toBe(120_000);
    expect(await waitOf({ 'Retry-After': '0' }, { retry_after_ms: 5 })).toBe(0);
    expect(await waitOf({ 'Retry-After': '1.25' })).toBe(1_250);
  });

  it('Retry-After as a date', async () => {
    const at = Math.ceil(Date.now() / 1000) * 1000 + 60_000;
    const wait = await waitOf({ 'Retry-After': new Date(at).toUTCString() });
    expect(wait).toBeGreaterThan(30_000);
    expect(wait).toBeLessThanOrEqual(61_000);
  });

  it.each(['Wed, 21 Oct 2015 07:28:00 GMT', 'Wednesday, 21-Oct-15 07:28:00 GMT', 'Wed Oct 21 07:28:00 2015'])(
    'a date that is past means now: %s',
    async (date) => {
      expect(await waitOf({ 'Retry-After': date })).toBe(0);
    },
  );

  it('only retry_after_ms', async () => {
    expect(await waitOf({}, { retry_after_ms: 2_500 })).toBe(2_500);
    expect(await waitOf({}, { retry_after_ms: 0 })).toBe(0);
  });

  it.each(['soon', 'Soon', '-5', '21 October', '', ' '])(
    'a header that says nothing (%j) gives way to retry_after_ms',
    async (header) => {
      expect(await waitOf({ 'Retry-After': header }, { retry_after_ms: 2_500 })).toBe(2_500);
    },
  );

  it.each(['2500', -1, null, {}])('a retry_after_ms of %j is none', async (value) => {
    expect(await waitOf({}, { retry_after_ms: value })).toBeUndefined();
  });

  it.each([['9'.repeat(310)], ['86400'], ['Fri, 31 Dec 9999 23:59:59 GMT']])(
    'no longer than an hour, and a minute for a server that is down: %s',
    async (header) => {
      expect(await waitOf({ 'Retry-After': header })).toBe(3_600_000);
      expect(await waitOf({ 'Retry-After': header }, {}, 503)).toBe(60_000);
    },
  );

  it('an absurd retry_after_ms neither', async () => {
    expect(await waitOf({}, { retry_after_ms: 1e300 })).toBe(3_600_000);
    expect(await waitOf({}, { retry_after_ms: 1e300 }, 500)).toBe(60_000);
  });
});
