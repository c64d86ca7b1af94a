import { it } from 'vitest';
import type { BotProcess } from './bot-process.ts';
import { LIMIT_MS } from './lifetimes.ts';
import type { Stop } from './messages.ts';
import { type KindOfSession, sessionIn } from './session.ts';
import type { BotsHomeserver, StoreContext, Surroundings } from './stores.ts';

/** Starts a bot and resolves when it stands at the step. `refresh`: the path of the request for new tokens. */
type Step = (surroundings: Pick<Surroundings, 'bot' | 'proxy'>, refresh: string) => Promise<BotProcess>;

const stopsAt =
  (stop: Stop): Step =>
  async ({ bot }) => {
    const first = bot({ stopAt: stop });
    await first.stopsAt(stop);
    return first;
  };

const steps: Readonly<Record<string, Step>> = {
  'before the request': stopsAt('locked'),
  'while the request is under way': async ({ bot, proxy }, path) => {
    const held = proxy.inject({ match: { path }, fault: { kind: 'hang' } });
    const first = bot();
    await held.hit;
    return first;
  },
  'while the answer is under way': async ({ bot, proxy }, refresh) => {
    proxy.inject({ match: { path: refresh }, fault: { kind: 'lose-response' } });
    // Should it see that the connection broke, it still gets no further.
    proxy.inject({ match: { path: refresh }, fault: { kind: 'hang' }, times: Number.POSITIVE_INFINITY });
    const first = bot();
    await proxy.waitFor(({ path, status }) => path.endsWith(refresh) && status === 200, {
      timeoutMs: LIMIT_MS,
    });
    return first;
  },
  'with the answer, before it is written': stopsAt('answered'),
  'when it is written, before it is used': stopsAt('written'),
  'when it is used': stopsAt('used'),
};

/** The next start is signed in without a login, whatever was done and what was not. */
export function killedAtAStep<H extends BotsHomeserver>(
  context: StoreContext<H>,
  kind: KindOfSession<H>,
): void {
  it.for(Object.entries(steps))('%s', async ([_, step], test) => {
    const surroundings = await context.surroundings(test);
    const { homeserver, proxy, place, bot } = surroundings;
    const { userId, session } = await kind.stored(homeserver, place);
    const first = await step(surroundings, kind.refresh);
    await first.kill();
    proxy.clear();

    const second = bot();
    await second.signedIn();
    await second.says('answer', ({ status }) => status === 200);
    // And the chain of refresh tokens goes on.
    const { generation } = await sessionIn(place);
    await second.says('session', (session) => session.generation > generation);
    await second.says('answer', ({ status }) => status === 200, second.heard.length);
    test.expect(proxy.count({ path: '/login' })).toBe(0);
    test.expect(await homeserver.devices(userId)).toEqual([session.deviceId]);
    await second.stop();
  });
}
