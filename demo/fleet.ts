import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import { createFleet, createMatrixAuth, credentials, type MatrixAuth, memorySessions } from '../src/index.ts';
import { observe } from '../src/observe/index.ts';
import { type AuthPage, serveAuthPage } from '../src/page/index.ts';
import { startFaultProxy, startTestHomeserver } from '../src/testing/index.ts';
import { endingOf } from './ending.ts';
import { pageWatched } from './keys.ts';
import { act } from './narration.ts';
import { type DemoOptions, portTaken, UsageError } from './options.ts';
import type { Stage } from './stage.ts';
import { block } from './summary.ts';
import { counted, duration } from './words.ts';

/** How many refreshes the homeserver allows per second. */
const PER_SECOND = 20;
const LOOK_EVERY_MS = 1_000;

/**
 * Many bots on a homeserver that goes away and comes back, and limits refreshes. Resolves with whether all were back.
 * @throws {UsageError} if the port cannot be had
 */
export async function fleet(count: number, options: DemoOptions, stage: Stage): Promise<boolean> {
  const { lifetimeMs, page, port = 0 } = options;
  const { print, interrupted } = stage;
  const password = randomBytes(16).toString('hex');
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password }],
    accessTokenLifetimeMs: lifetimeMs,
    refreshRateLimit: { perSecond: PER_SECOND, burst: PER_SECOND },
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  const shared = {
    fleet: createFleet(),
    homeserver: proxy.url,
    sessions: memorySessions(),
    logger: false,
  } as const;
  const bots = Array.from({ length: count }, (_, index) => {
    const name = `bot${String(index + 1).padStart(String(count).length, '0')}`;
    const login = credentials({ username: 'bot', password, deviceId: name.toUpperCase() });
    return { name, auth: createMatrixAuth({ ...shared, credentials: login, sessionName: name }) };
  });
  let livePage: AuthPage | undefined;
  try {
    livePage = page ? await pageOf(bots, port) : undefined;
    if (livePage !== undefined) print(`${styleText('bold', 'Live page')}  ${livePage.url}`);
    print(
      block(`${counted(count, 'bot')} that stay signed in`, [
        ['homeserver', `the test homeserver of this package, which allows ${PER_SECOND} refreshes a second`],
        ['tokens', `each expires ${duration(lifetimeMs)} after it was issued`],
        ['outage', `the homeserver goes away for ${duration(lifetimeMs)}, so that all of them expire`],
        ['end', 'when all are back, or Ctrl-C'],
      ]),
    );
    const performance = outage(bots, { homeserver, proxy, lifetimeMs, print, interrupted }).catch(
      (error: unknown) => {
        if (!interrupted.aborted) throw error;
        return true;
      },
    );
    const ok = (await Promise.race([performance, endingOf(interrupted).reached])) ?? true;
    if (livePage !== undefined) await pageWatched(interrupted, print);
    return ok;
  } finally {
    await Promise.all(bots.map(({ auth }) => auth.stop()));
    await livePage?.close();
    await proxy.stop();
    await homeserver.stop();
  }
}

interface Bot {
  readonly name: string;
  readonly auth: MatrixAuth<undefined>;
}

interface Place {
  readonly homeserver: Awaited<ReturnType<typeof startTestHomeserver>>;
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>;
  readonly lifetimeMs: number;
  readonly print: (line: string) => void;
  readonly interrupted: AbortSignal;
}

async function outage(bots: readonly Bot[], place: Place): Promise<boolean> {
  const { homeserver, proxy, lifetimeMs, print, interrupted } = place;
  const pass = (ms: number) => delay(ms, undefined, { signal: interrupted });
  await Promise.all(bots.map(({ auth }) => auth.start()));
  print(act('fleet', `all ${bots.length} are signed in`));
  await pass(lifetimeMs / 4);
  await proxy.away();
  print(act('you', `take the homeserver down for ${duration(lifetimeMs)}`));
  await pass(lifetimeMs);
  const usable = () => bots.filter(({ auth }) => auth.snapshot().state === 'valid').length;
  print(act('fleet', `${usable()} of ${bots.length} have a token that works`));
  // What they get now lasts until all are back, however many they are.
  homeserver.setAccessTokenLifetimeMs(Math.max(lifetimeMs, (10_000 * bots.length) / PER_SECOND));
  await proxy.back();
  print(act('you', 'bring it back'));
  const before = homeserver.requests.length;
  while (usable() < bots.length) {
    await pass(LOOK_EVERY_MS);
    print(act('fleet', `${usable()} of ${bots.length} have a token that works`));
  }
  const each = ((homeserver.requests.length - before) / bots.length).toFixed(1);
  print(act('fleet', `all are back, with ${each} requests each and ${homeserver.logins} logins in all`));
  return true;
}

/** @throws {UsageError} if the port cannot be had */
async function pageOf(bots: readonly Bot[], port: number): Promise<AuthPage> {
  try {
    return await serveAuthPage(
      bots.map(({ name, auth }) => observe(auth, { name })),
      { port },
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UsageError(portTaken(port, code), { cause: error });
  }
}
