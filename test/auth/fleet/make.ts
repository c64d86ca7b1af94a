import { onTestFinished } from 'vitest';
import {
  createFleet,
  createMatrixAuth,
  credentials,
  type Fleet,
  type FleetOptions,
  type MatrixAuth,
  type MatrixAuthOptions,
} from '../../../src/index.ts';
import {
  startTestHomeserver,
  type TestHomeserver,
  type TestHomeserverOptions,
} from '../../../src/testing/index.ts';
import { PASSWORD } from '../make.ts';

export interface FleetWorld {
  readonly homeserver: TestHomeserver;
  readonly fleet: Fleet;
  readonly sessions: readonly MatrixAuth<undefined>[];
  /** Every request of the sessions, in their order; what never reached the homeserver is among them. */
  readonly sent: SentRequest[];
  /** What stands between the sessions and the homeserver. Default: nothing. */
  between: (send: () => Promise<Response>, path: string) => Promise<Response>;
}

export interface SentRequest {
  readonly path: string;
  /** By a monotonic clock. */
  readonly at: number;
}

interface FleetWorldOptions extends FleetOptions, Partial<MatrixAuthOptions> {
  readonly homeserverOptions?: TestHomeserverOptions;
}

/** As many sessions of one fleet, not started yet, each on a device of its own. All is stopped when the test is over. */
export async function makeFleet(
  count: number,
  { homeserverOptions, requestsAtOnce, ...options }: FleetWorldOptions = {},
): Promise<FleetWorld> {
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password: PASSWORD }],
    ...homeserverOptions,
  });
  const fleet = createFleet(requestsAtOnce === undefined ? {} : { requestsAtOnce });
  const sent: SentRequest[] = [];
  const world: FleetWorld = {
    ...{ homeserver, fleet, sent },
    between: (send) => send(),
    sessions: Array.from({ length: count }, (_, index) =>
      createMatrixAuth({
        homeserver: homeserver.url,
        credentials: credentials({ username: 'bot', password: PASSWORD, deviceId: `FLEET${index}` }),
        fleet,
        logger: false,
        fetch: (input, init) => {
          const path = new URL(input instanceof Request ? input.url : input).pathname;
          sent.push({ path, at: performance.now() });
          return world.between(() => fetch(input, init), path);
        },
        ...options,
      }),
    ),
  };
  onTestFinished(async () => {
    world.between = (send) => send();
    await Promise.all(world.sessions.map((session) => session.stop()));
    await homeserver.stop();
  });
  return world;
}

export const REFRESH = '/_matrix/client/v3/refresh';

/** What `fetch` throws where nothing listens. */
export function connectionRefused(): TypeError {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  });
}
