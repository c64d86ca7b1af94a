import {
  authMachine,
  type ConnectOutcome,
  type IdentifyOutcome,
  type RenewOutcome,
  type RestoreOutcome,
  type Session,
  wallClock,
} from 'matrix-auth-machine/machine';
import { assign, createActor, fromPromise, not, setup } from 'xstate';

/** What you have instead of our adapters. The tokens stay there: the machine never sees one. */
export interface Homeserver {
  login(): Promise<Response>;
  refresh(): Promise<Response>;
  whoami(): Promise<{ userId: string; deviceId: string }>;
}

async function outcomeOf(
  endpoint: 'login' | 'refresh',
  answer: Response,
  generation: number,
): Promise<RenewOutcome> {
  const body = await answer.json();
  if (!answer.ok) {
    return { outcome: 'refused', rejection: { endpoint, status: answer.status, errcode: body.errcode } };
  }
  const session: Session = {
    generation: generation + 1,
    fingerprint: '5eed5eed', // eight hexadecimal digits of a hash of the token
    obtainedAt: Date.now(),
    expiresAt: Date.now() + body.expires_in_ms,
    refreshable: body.refresh_token !== undefined,
  };
  return { outcome: 'renewed', session };
}

export function startBot(homeserver: Homeserver, onWorking: () => void) {
  const auth = authMachine.provide({
    actors: {
      restore: fromPromise(async (): Promise<RestoreOutcome> => ({ outcome: 'empty', canLogIn: true })),
      logIn: fromPromise(async ({ input }) => outcomeOf('login', await homeserver.login(), input.generation)),
      exchange: fromPromise(async ({ input }) =>
        outcomeOf('refresh', await homeserver.refresh(), input.generation),
      ),
      identify: fromPromise(async (): Promise<IdentifyOutcome> => {
        return { outcome: 'identified', ...(await homeserver.whoami()) };
      }),
      connect: fromPromise(async (): Promise<ConnectOutcome> => ({ outcome: 'connected' })),
    },
  });

  const bot = setup({
    types: { context: {} as { live: boolean; helpless: boolean } },
    actors: { auth },
    actions: { work: onWorking },
    guards: {
      live: ({ context }) => context.live,
      helpless: ({ context }) => context.helpless,
    },
  }).createMachine({
    id: 'bot',
    context: { live: false, helpless: false },
    invoke: {
      id: 'auth',
      src: 'auth',
      onSnapshot: {
        actions: assign({
          live: ({ event }) => event.snapshot.hasTag('live'),
          helpless: ({ event }) => event.snapshot.hasTag('needs-person'),
        }),
      },
    },
    initial: 'waiting',
    states: {
      waiting: {
        always: [
          { guard: 'live', target: 'working' },
          { guard: 'helpless', target: 'helpless' },
        ],
      },
      working: { entry: 'work', always: { guard: not('live'), target: 'waiting' } },
      helpless: { always: { guard: not('helpless'), target: 'waiting' } },
    },
  });
  return createActor(bot, { clock: wallClock }).start();
}
