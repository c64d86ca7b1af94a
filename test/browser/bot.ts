import { onTestFinished } from 'vitest';
import { type Observer, observe } from '../../src/observe/index.ts';
import { startFaultProxy, startTestHomeserver } from '../../src/testing/index.ts';
import { createMatrixAuth, credentials, type MatrixAuth, memorySessions } from '../../src/index.ts';
import { canaryPassword } from '../support/both.ts';

/** A bot on a test homeserver of its own, whose answers take as long as those of a server far away. */
export interface Bot {
  readonly auth: MatrixAuth<undefined>;
  readonly observer: Observer;
  readonly userId: string;
  readonly homeserver: Awaited<ReturnType<typeof startTestHomeserver>>;
  /** A request with the token. */
  readonly request: () => Promise<Response>;
  /** Stops the process, so to speak, and begins anew with what is stored. */
  readonly again: () => Pick<Bot, 'auth' | 'observer'>;
}

const ANSWER_MS = 120;

export async function startBot(name = 'echo', password = canaryPassword()): Promise<Bot> {
  const homeserver = await startTestHomeserver();
  const proxy = await startFaultProxy({ target: homeserver.url });
  proxy.inject({
    match: ({ path }) => /\/(?:refresh|login|whoami)$/.test(path),
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'delay', delayMs: ANSWER_MS },
  });
  const { userId } = homeserver.createUser(name, password);
  const sessions = memorySessions();
  const make = () => {
    const auth = createMatrixAuth({
      homeserver: proxy.url,
      credentials: credentials({ username: name, password }),
      sessions,
      schedule: { lockProbeMs: 300, breakerMinMs: 200, backoffMinMs: 200 },
      logger: { warn() {}, error() {} },
    });
    onTestFinished(() => auth.stop());
    return { auth, observer: observe(auth, { name }) };
  };
  onTestFinished(async () => {
    await proxy.stop();
    await homeserver.stop();
  });
  const { auth, observer } = make();
  const request = () => auth.fetch(`${proxy.url}/_matrix/client/v3/joined_rooms`);
  return { auth, observer, userId, homeserver, request, again: make };
}
