import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMatrixAuth, credentials, type MatrixAuth, memorySessions } from '../../src/index.ts';
import {
  type FaultProxy,
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserver,
} from '../../src/testing/index.ts';
import { rounds } from '../support/long.ts';
import { Person } from '../support/rest.ts';
import { type Kind, type Move, type Story, stories } from './stories.ts';

const ROUNDS = rounds({ short: 40, long: 1_000 });
const WHOAMI = '/_matrix/client/v3/account/whoami';
/** Short waits: a story is about what follows from what, and not about how long it takes. */
const schedule = { backoffMinMs: 2, backoffMaxMs: 10, breakerMinMs: 2, breakerMaxMs: 10, lockProbeMs: 10 };

let homeserver: TestHomeserver;
let proxy: FaultProxy;
let users = 0;

beforeAll(async () => {
  homeserver = await startTestHomeserver();
  proxy = await startFaultProxy({ target: homeserver.url });
});
afterAll(async () => {
  await proxy.stop();
  await homeserver.stop();
});

/** A bot, and all that it has printed and been. */
class Bot {
  readonly log: string[] = [];
  readonly states: string[] = [];
  readonly userId: string;
  readonly #password = 'canary-pw-of-a-story';
  readonly #localpart: string;
  readonly #sessions = memorySessions();
  readonly #kind: Kind;
  #token: { readonly accessToken?: string; readonly refreshToken?: string } = {};
  #auth: MatrixAuth<undefined> | undefined;

  constructor(kind: Kind) {
    users += 1;
    this.#kind = kind;
    this.#localpart = `bot-${users}`;
    this.userId = homeserver.createUser(this.#localpart, this.#password).userId;
  }

  async getToken(): Promise<void> {
    if (this.#kind === 'a password') return;
    const refreshToken = this.#kind !== 'a token alone';
    const user = { localpart: this.#localpart, password: this.#password };
    const { tokens } = await Person.signIn(homeserver.url, user, { refreshToken });
    this.#token = {
      accessToken: tokens.access_token,
      ...(refreshToken ? { refreshToken: tokens.refresh_token as string } : {}),
    };
  }

  async start(): Promise<void> {
    const login =
      this.#kind === 'a password' || this.#kind === 'all of it'
        ? { username: this.#localpart, password: this.#password }
        : {};
    const auth = createMatrixAuth({
      homeserver: proxy.url,
      credentials: credentials({ ...this.#token, ...login }),
      sessions: this.#sessions,
      schedule,
      requestTimeoutMs: 40,
      loginBudget: { burst: 50 },
      logger: { warn: (line) => this.log.push(line), error: (line) => this.log.push(line) },
    });
    this.#auth = auth;
    auth.on('state', ({ detail, reason }) => this.states.push(reason ?? detail));
    await auth.start();
  }

  async stop(): Promise<void> {
    await this.#auth?.stop();
  }

  async take(move: Move): Promise<void> {
    const auth = this.#auth as MatrixAuth<undefined>;
    switch (move.do) {
      case 'trouble':
        proxy.inject({
          match: ({ path }) => path === move.path,
          times: move.times,
          fault: move.fault,
        });
        return;
      case 'expire':
        // Such a token has no end of its own: to end it is to end the session.
        if (this.#kind !== 'a token alone') homeserver.expireTokens(this.userId);
        return;
      case 'request':
        // What the endpoint itself does to the request is the caller's; the session is what is looked at.
        await auth
          .fetch(`${proxy.url}${move.path}`, { method: move.method, signal: AbortSignal.timeout(5_000) })
          .then((response) => response.text())
          .catch(() => undefined);
        return;
      case 'refresh':
        await auth.refresh().catch(() => undefined);
        return;
      case 'restart':
        await this.stop();
        await this.start();
    }
  }

  /** Whose token it is, by the homeserver's word. */
  async whoami(): Promise<unknown> {
    const response = await (this.#auth as MatrixAuth<undefined>).fetch(`${proxy.url}${WHOAMI}`);
    return ((await response.json()) as { readonly user_id?: unknown }).user_id;
  }
}

async function live({ kind, before, moves }: Story): Promise<void> {
  const bot = new Bot(kind);
  proxy.clear();
  try {
    await bot.getToken();
    for (const move of before) await bot.take(move);
    await bot.start();
    for (const move of moves) await bot.take(move);
    proxy.clear();
    await expect(bot.whoami(), 'once all is well again, it works').resolves.toBe(bot.userId);
    expect(homeserver.devices(bot.userId), 'one device').toHaveLength(1);
    expect(bot.log.join('\n')).not.toMatch(/canary-|sy[tr]_/);
  } catch (error) {
    throw new Error(`${String(error)}\n${bot.states.join('\n')}\n${bot.log.join('\n')}`, { cause: error });
  } finally {
    proxy.clear();
    await bot.stop();
  }
  expect(bot.states).not.toContainEqual(expect.stringMatching(/^[a-z]+(-[a-z]+)+$/));
}

it(`no trouble that proves nothing ends a session, in ${ROUNDS} stories`, {
  timeout: 60_000 + ROUNDS * 2_000,
}, async () => {
  await fc.assert(fc.asyncProperty(stories, live), { numRuns: ROUNDS });
});
