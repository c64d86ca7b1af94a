import { createMatrixAuth, credentials } from '../../src/index.ts';
import { observe, serveAuthPage } from '../../src/adapters/observe/index.ts';
import { startTestHomeserver } from '../../src/adapters/testing/index.ts';
import { launchChromium } from './chromium.ts';
const hs = await startTestHomeserver({ accessTokenLifetimeMs: 300_000 });
const quiet = { warn() {}, error() {} };
const make = (n: string, pw = 'pw') => {
  const { userId } = hs.createUser(n, 'pw');
  const auth = createMatrixAuth({
    homeserver: hs.url,
    credentials: credentials({ username: n, password: pw }),
    logger: quiet,
  });
  return { auth, userId, o: observe(auth, { name: n }) };
};
const echo = make('echo');
await echo.auth.start();
await echo.auth.refresh();
hs.expireTokens(echo.userId);
await echo.auth.fetch(hs.url + '/_matrix/client/v3/account/whoami');
const bad = make('newsletter', 'wrong');
await bad.auth.start().catch(() => {});
const locked = make('vault');
await locked.auth.start();
hs.setLocked(locked.userId, true);
void locked.auth.fetch(hs.url + '/_matrix/client/v3/account/whoami').catch(() => {});
await new Promise((r) => setTimeout(r, 500));
const one = await serveAuthPage(echo.o);
const two = await serveAuthPage(bad.o);
const lk = await serveAuthPage(locked.o);
const all = await serveAuthPage([echo.o, bad.o, locked.o]);
const b = await launchChromium();
const out = process.argv[2] ?? '/tmp/shots';
for (const scheme of ['dark', 'light'] as const)
  for (const [w, h] of [
    [360, 780],
    [768, 1024],
    [1440, 900],
  ] as const) {
    const ctx = await b.newContext({ colorScheme: scheme, viewport: { width: w, height: h } });
    for (const [name, url] of [
      ['echo', one.url],
      ['bad', two.url],
      ['locked', lk.url],
      ['fleet', all.url],
    ] as const) {
      const p = await ctx.newPage();
      p.on('console', (m) => console.log(m.text()));
      p.on('pageerror', (e) => console.log(e));
      await p.goto(url);
      await p.waitForSelector('[data-link=live]');
      await p.waitForTimeout(400);
      await p.screenshot({ path: `${out}/${name}-${scheme}-${w}.png`, fullPage: true });
      await p.close();
    }
    await ctx.close();
  }
await b.close();
process.exit();
