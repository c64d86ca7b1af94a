// `node test/browser/screenshots.ts`: takes the pictures of the live page that the docs show, into docs/pictures/.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Observer, observe } from '../../src/observe/index.ts';
import { serveAuthPage } from '../../src/page/index.ts';
import { type FaultProxy, startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { createMatrixAuth, credentials, type MatrixAuth } from '../../src/index.ts';
import { root } from '../../tools/root.ts';
import { launchChromium } from './chromium.ts';

const homeserver = await startTestHomeserver({ serverName: 'example.org' });
const proxy: FaultProxy = await startFaultProxy({ target: homeserver.url });

interface Sitter {
  readonly auth: MatrixAuth<undefined>;
  readonly observer: Observer;
  readonly userId: string;
}

function bot(name: string, password = 'right'): Sitter {
  const { userId } = homeserver.createUser(name, 'right');
  const auth = createMatrixAuth({
    homeserver: proxy.url,
    credentials: credentials({ username: name, password }),
    logger: { warn() {}, error() {} },
  });
  // The pictures name the server that the account is on, and not the port of this run.
  const shown = { actor: auth.actor, homeserver: 'https://matrix.example.org' };
  return { auth, observer: observe(shown, { name }), userId };
}

const request = ({ auth }: Sitter) => auth.fetch(`${proxy.url}/_matrix/client/v3/joined_rooms`);

const reaches = ({ auth }: Sitter, state: string) =>
  new Promise<void>((resolve) => {
    auth.subscribe((snapshot) => {
      if (snapshot.state === state) resolve();
    });
  });

/** A day in the life of each. */
const echo = bot('echo');
await echo.auth.start();
await echo.auth.refresh();
proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'answer', status: 502, body: 'Bad gateway' } });
await echo.auth.refresh();

const newsletter = bot('newsletter', 'wrong');
await newsletter.auth.start().catch(() => undefined);

const vault = bot('vault');
await vault.auth.start();
homeserver.setLocked(vault.userId, true);
request(vault).catch(() => undefined);
await reaches(vault, 'locked');

const others = ['bridge', 'moderator', 'reminder', 'weather'].map((name) => bot(name));
for (const { auth } of others) await auth.start();
const releases = bot('releases');
await releases.auth.start();
proxy.inject({ match: { path: '/refresh' }, times: Number.POSITIVE_INFINITY, fault: { kind: 'hang' } });
releases.auth.refresh().catch(() => undefined);
await reaches(releases, 'refreshing');

const all = [echo, newsletter, vault, releases, ...others].map(({ observer }) => observer);
const page = await serveAuthPage(all);
const alone = await serveAuthPage(echo.observer);

const sizes = [
  [360, 1180],
  [768, 1180],
  [1440, 960],
] as const;
const pictures = [
  ['bot', alone.url, '#visits li:nth-child(3)'],
  ['fleet', page.url, '#bots tr:nth-child(8)'],
  ['failed', `${page.url}bots/newsletter`, '.state.lit[data-state="failed"]'],
  ['locked', `${page.url}bots/vault`, '.state.lit[data-state="locked"]'],
] as const;

const folder = process.argv[2] ?? join(root, 'docs', 'pictures');
await mkdir(folder, { recursive: true });
const browser = await launchChromium();
for (const colorScheme of ['light', 'dark'] as const) {
  for (const [width, height] of sizes) {
    const context = await browser.newContext({
      colorScheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
    });
    const tab = await context.newPage();
    for (const [name, url, ready] of pictures) {
      // The two states that need somebody are shown in one size each.
      if ((name === 'failed' && width !== 1440) || (name === 'locked' && width !== 360)) continue;
      await tab.goto(url);
      await tab.waitForSelector(ready, { state: 'attached' });
      await tab.waitForSelector('[data-link="live"]');
      await tab.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`) });
    }
    // A page whose process is gone.
    const ending = await serveAuthPage(echo.observer);
    await tab.goto(ending.url);
    await tab.waitForSelector('[data-link="live"]');
    await ending.close();
    await tab.waitForSelector('[data-unknown]');
    if (width !== 768) await tab.screenshot({ path: join(folder, `lost-${width}-${colorScheme}.png`) });
    await context.close();
  }
}
await browser.close();
process.exit();
