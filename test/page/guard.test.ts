import { afterEach, describe, expect, test } from 'vitest';
import {
  type AuthPage,
  type AuthPageOptions,
  AuthPageOptionsError,
  serveAuthPage,
} from '../../src/page/index.ts';
import { drive } from '../observe/driven.ts';
import { ask } from './ask.ts';

const open: AuthPage[] = [];
afterEach(async () => {
  for (const page of open.splice(0)) await page.close();
});

const token = `canary-at-${'x'.repeat(24)}`;

async function serve(options: AuthPageOptions = {}): Promise<{ page: AuthPage; log: string[] }> {
  const log: string[] = [];
  const page = await serveAuthPage(drive(), { logger: { warn: (line) => log.push(line) }, ...options });
  open.push(page);
  return { page, log };
}

describe('the live page answers', () => {
  test.each(['/', '/bots/bot', '/page.css', '/page.js', '/frames', '/healthz', '/events?once=1'])(
    '%s, with nothing let in and nothing kept',
    async (path) => {
      const { page, log } = await serve();
      const { status, headers } = await ask(page, path);
      expect(status).toBe(200);
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(log).toEqual([]);
    },
  );

  test('HEAD as GET, without the content', async () => {
    const { page } = await serve();
    expect(await ask(page, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(await ask(page, '/events', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test('what has no page with 404, and no more', async () => {
    const { page } = await serve();
    expect((await ask(page, '/bots/other')).status).toBe(404);
    expect((await ask(page, '/frames?bot=other')).status).toBe(404);
    expect((await ask(page, '/events?bot=other')).status).toBe(404);
    expect((await ask(page, '/favicon.ico')).status).toBe(404);
  });

  test.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('under the name %s', async (name) => {
    const { page } = await serve();
    const { port } = new URL(page.url);
    expect((await ask(page, '/frames', { headers: { host: `${name}:${port}` } })).status).toBe(200);
  });

  test('under a name of the option "hosts"', async () => {
    const { page } = await serve({ hosts: ['Bots.example.org'] });
    expect((await ask(page, '/frames', { headers: { host: 'bots.example.org' } })).status).toBe(200);
    expect((await ask(page, '/frames', { headers: { host: 'bots.example.org:8443' } })).status).toBe(200);
  });

  test('a link from elsewhere, which opens the page by itself', async () => {
    const { page } = await serve();
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await ask(page, '/', { headers })).status).toBe(200);
  });
});

describe('the live page refuses', () => {
  test.each<[string, number, Parameters<typeof ask>[2] & { path?: string }]>([
    ['a foreign Host (DNS rebinding)', 421, { headers: { host: 'evil.example' } }],
    ['another address as its Host', 421, { headers: { host: '192.0.2.1' } }],
    ['a Host that only ends like its own', 421, { headers: { host: 'localhost.evil.example' } }],
    ['a foreign Origin', 403, { headers: { origin: 'https://evil.example' } }],
    ['an Origin that is null', 403, { headers: { origin: 'null' } }],
    ['another port of this machine as the Origin', 403, { headers: { origin: 'http://127.0.0.1:1' } }],
    [
      'a fetch by another site',
      403,
      { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
    ],
    [
      'a frame of another site',
      403,
      {
        headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      },
    ],
    ['POST', 405, { method: 'POST' }],
    ['DELETE', 405, { method: 'DELETE' }],
    ['OPTIONS', 405, { method: 'OPTIONS' }],
    ['a path that climbs', 400, { path: '/../../etc/passwd' }],
    ['a path that climbs in disguise', 400, { path: '/%2e%2e/%2e%2e/etc/passwd' }],
    ['a path that climbs further down', 400, { path: '/bots/..' }],
    ['a path that climbs backwards', 400, { path: '/bots/..\\..\\etc' }],
    ['a hidden file', 400, { path: '/.env' }],
    ['a path of another server', 400, { path: 'http://evil.example/' }],
    ['a path with two slashes', 400, { path: '//evil.example/' }],
    ['a path with a zero', 400, { path: '/bots/%00' }],
    ['a query with anything', 400, { path: '/frames?bot=%3Cscript%3E' }],
  ])('%s', async (_, status, { path = '/frames', ...options }) => {
    const { page, log } = await serve();
    const asked = await ask(page, path, options);
    expect(asked.status).toBe(status);
    expect(asked.body).not.toContain('restoring');
    expect(log).toHaveLength(1);
  });

  test('the same thing a thousand times in one line of log', async () => {
    const { page, log } = await serve();
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(
        Array.from({ length: 10 }, () => ask(page, '/', { headers: { host: 'evil.example' } })),
      );
    }
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/a foreign Host/);
    expect(log[0]).not.toContain('evil');
  });
});

describe('the token of the live page', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'bots.example.org'])('is needed to listen on %s', async (host) => {
    await expect(serveAuthPage(drive(), { host })).rejects.toThrow(AuthPageOptionsError);
  });

  test('has to be long', async () => {
    await expect(serveAuthPage(drive(), { token: 'short' })).rejects.toThrow(/16 characters/);
  });

  test.each(['/', '/frames', '/events', '/page.js', '/bots/bot', '/nothing'])(
    'is asked for on %s',
    async (path) => {
      const { page } = await serve({ token });
      expect((await ask(page, path)).status).toBe(401);
      const wrong = { authorization: `Bearer ${token.slice(0, -1)}` };
      expect((await ask(page, path, { headers: wrong })).status).toBe(401);
      const asked = await ask(page, path, { headers: { accept: 'text/html' } });
      expect(asked.status).toBe(401);
      expect(asked.body).toContain('<form');
      expect(asked.body).not.toContain('restoring');
    },
  );

  test('opens everything, as a header', async () => {
    const { page, log } = await serve({ token });
    const headers = { authorization: `Bearer ${token}` };
    for (const path of ['/', '/frames', '/events?once=1', '/page.js']) {
      expect((await ask(page, path, { headers })).status).toBe(200);
    }
    expect(log).toEqual([]);
  });

  test('becomes a cookie that proves it and does not tell it, and that outlives a restart', async () => {
    const { page } = await serve({ token });
    const signedIn = await ask(page, '/sign-in', { headers: { authorization: `Bearer ${token}` } });
    const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
    expect(signedIn.status).toBe(204);
    expect(cookie).toMatch(/; HttpOnly; SameSite=Lax/);
    expect(cookie).not.toContain(token);
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await ask(page, '/frames', { headers })).status).toBe(200);
    const { page: restarted } = await serve({ token });
    expect((await ask(restarted, '/frames', { headers })).status).toBe(200);
    const { page: other } = await serve({ token: `${token}-of-another` });
    expect((await ask(other, '/frames', { headers })).status).toBe(401);
  });

  test('is not needed by probes, which are told no more than yes or no', async () => {
    const { page } = await serve({ token });
    expect(await ask(page, '/healthz')).toMatchObject({ status: 200 });
    expect(await ask(page, '/readyz')).toMatchObject({ status: 503, body: '{"ready":false}\n' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask(page, '/readyz', { headers })).body).toContain('restoring');
  });

  test('lets other machines in by their address, and by no name that was not given', async () => {
    const { page } = await serve({ token, host: '0.0.0.0' });
    const authorization = `Bearer ${token}`;
    expect((await ask(page, '/frames', { headers: { authorization, host: '192.0.2.1:80' } })).status).toBe(
      200,
    );
    expect((await ask(page, '/frames', { headers: { authorization, host: 'evil.example' } })).status).toBe(
      421,
    );
  });
});
