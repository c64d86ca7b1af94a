import { afterEach, expect, test } from 'vitest';
import { meterAuth } from '../../src/adapters/metrics/index.ts';
import { type Frame, observe } from '../../src/observe/index.ts';
import { type AuthPage, serveAuthPage } from '../../src/page/index.ts';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { type AuthSnapshot, createMatrixAuth, credentials, type MatrixAuth } from '../../src/index.ts';
import { canaryPassword } from '../support/both.ts';
import { readingMeter } from '../adapters/metrics/reading-meter.ts';
import { ask } from '../page/ask.ts';
import { view } from '../page/viewer.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const quiet = { warn() {}, error() {} };

/** A session on the test homeserver, behind the fault proxy, that is observed before it starts. */
async function session(options: { readonly password?: string } = {}) {
  const homeserver = await startTestHomeserver();
  const proxy = await startFaultProxy({ target: homeserver.url });
  const password = canaryPassword();
  const { userId } = homeserver.createUser('bot', password);
  const auth = createMatrixAuth({
    homeserver: proxy.url,
    credentials: credentials({ username: 'bot', password: options.password ?? password }),
    schedule: { backoffMinMs: 50, lockProbeMs: 50, breakerMinMs: 50 },
    logger: quiet,
  });
  const observer = observe(auth, { name: 'bot' });
  closing.push(
    () => homeserver.stop(),
    () => proxy.stop(),
    () => auth.stop(),
  );
  return { homeserver, proxy, auth, observer, userId, password };
}

function reaches(auth: MatrixAuth<undefined>, fits: (snapshot: AuthSnapshot) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const leave = auth.subscribe((snapshot) => {
      if (fits(snapshot)) queueMicrotask(() => (leave(), resolve()));
    });
  });
}

const whoami = ({ auth, proxy }: Awaited<ReturnType<typeof session>>) =>
  auth.fetch(`${proxy.url}/_matrix/client/v3/account/whoami`);

/** Takes it through everything that a session meets, and to its end. */
async function live(one: Awaited<ReturnType<typeof session>>): Promise<void> {
  const { homeserver, proxy, auth, userId } = one;
  await auth.start();
  await auth.refresh();
  proxy.inject({
    match: { path: /\/refresh$/ },
    fault: { kind: 'answer', status: 502, body: 'bad gateway' },
  });
  homeserver.expireTokens(userId);
  await whoami(one);
  homeserver.setLocked(userId, true);
  const locked = reaches(auth, ({ state }) => state === 'locked');
  const held = whoami(one);
  await locked;
  homeserver.setLocked(userId, false);
  await held;
  homeserver.setPassword(userId, canaryPassword(), { logoutDevices: true });
  const failed = reaches(auth, ({ state }) => state === 'failed');
  await Promise.allSettled([whoami(one), failed]);
  await failed;
  await auth.stop();
}

test('a frame says of each state what the session’s own snapshot says', async () => {
  const one = await session();
  const pairs: { frame: Frame; snapshot: AuthSnapshot }[] = [];
  one.observer.subscribe((frame) => pairs.push({ frame, snapshot: one.auth.snapshot() }));
  await live(one);
  expect(pairs.at(-1)?.frame.homeserver).toBe(new URL(one.proxy.url).origin);
  const states = new Set(pairs.map(({ frame }) => frame.state));
  expect([...states].sort()).toEqual(['failed', 'locked', 'reconnecting', 'refreshing', 'stopped', 'valid']);
  for (const { frame, snapshot } of pairs) {
    const { since: _, ...rest } = snapshot;
    if (frame.state === 'stopped') continue;
    // The two take the time one after the other.
    const next = rest.next && { what: rest.next.what, at: expect.closeTo(rest.next.at, -3) };
    expect(frame).toMatchObject({ ...rest, ...(next === undefined ? {} : { next }) });
    expect('next' in frame).toBe('next' in rest);
  }
});

test('no secret of it is ever in a frame, on the page, in a stream, or in a measurement', async () => {
  const one = await session();
  const meter = readingMeter();
  closing.push(meterAuth(one.auth, { meter }));
  const page: AuthPage = await serveAuthPage(one.observer);
  closing.push(() => page.close());
  const viewers = [await view(page, '/events'), await view(page, '/events?bot=bot')];
  const tokens = new Set<string>([one.password]);
  const { auth } = one;
  auth.on(
    'refreshed',
    () =>
      void auth.accessToken().then(
        (token) => tokens.add(token),
        () => undefined,
      ),
  );
  auth.on(
    'logged-in',
    () =>
      void auth.accessToken().then(
        (token) => tokens.add(token),
        () => undefined,
      ),
  );
  await live(one);
  expect(tokens.size).toBeGreaterThan(2);
  const pages = await Promise.all(
    ['/', '/bots/bot', '/frames', '/frames?bot=bot', '/readyz', '/page.js'].map((path) => ask(page, path)),
  );
  const out = [
    ...pages.map(({ body }) => body),
    ...viewers.map(({ text }) => text),
    JSON.stringify([one.observer.frames, one.observer.now(), meter.read()]),
  ].join('\n');
  expect(out).toContain('valid.scheduled');
  for (const token of tokens) expect(out.includes(token)).toBe(false);
  expect(/sy[trl]_|canary-/.test(out)).toBe(false);
  for (const viewer of viewers) viewer.leave();
});

test('a session that is only watched is still told of in the log when it fails', async () => {
  const homeserver = await startTestHomeserver();
  closing.push(() => homeserver.stop());
  homeserver.createUser('bot', canaryPassword());
  const lines: string[] = [];
  const auth = createMatrixAuth({
    homeserver: homeserver.url,
    credentials: credentials({ username: 'bot', password: canaryPassword() }),
    logger: { warn: (line) => lines.push(line), error: (line) => lines.push(line) },
  });
  closing.push(() => auth.stop());
  const observer = observe(auth);
  await expect(auth.start()).rejects.toThrow(/login-refused/);
  expect(observer.now()).toMatchObject({ state: 'failed', reason: 'login-refused' });
  expect(lines).toEqual([expect.stringContaining('login-refused')]);
});
