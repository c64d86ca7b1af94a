import { type MatrixClient, RoomEvent } from 'matrix-js-sdk';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type MatrixJsSdkOptions, matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { clientSession, connectNow } from '../support/client-session.ts';
import { Person } from '../support/rest.ts';

describeOnBoth('what the SDK prints', { accessTokenLifetimeMs: 120_000 }, ({ homeserver, proxy }) => {
  const printed: string[] = [];
  beforeEach(() => {
    printed.length = 0;
    for (const method of ['trace', 'debug', 'log', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, method).mockImplementation(
        (...line) => void printed.push(`${method}: ${line.join(' ')}`),
      );
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** From its start over a message, a new room and a failed sync to its end. */
  async function life(options: MatrixJsSdkOptions, onMessage = () => {}): Promise<void> {
    const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const alice = await Person.signIn(homeserver().url, aliceUser);
    const bob = await Person.signIn(homeserver().url, user);
    const roomId = await alice.createRoom();
    await bob.join(roomId);
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const port = matrixJsSdk({
      ...options,
      onClient(client: MatrixClient) {
        client.on(RoomEvent.Timeline, (event) => {
          if (event.getContent()['body'] === 'last') resolve();
          if (event.getContent()['body'] === 'first') onMessage();
        });
      },
    });
    await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
    const another = await alice.createRoom([user.userId]);
    await port.client?.joinRoom(another);
    const failing = proxy().inject({ match: { path: '/sync' }, fault: { kind: 'cut' } });
    await alice.say(roomId, 'first');
    await failing.hit;
    await alice.say(another, 'last');
    await heard;
    await port.stop();
  }

  it('is nothing, in a life in which nothing happens that the session does not report', async () => {
    await life({});
    expect(printed).toEqual([]);
  });

  it('is the bug of a listener', async () => {
    await life({}, () => {
      throw new Error('a bug in the bot');
    });
    expect(printed).toEqual([expect.stringMatching(/^error: .*a bug in the bot/)]);
  });

  it('is all of it with debug: true', async () => {
    await life({ debug: true });
    expect(printed).toContainEqual(expect.stringMatching(/^debug: .*sync/i));
    expect(printed).toContainEqual(expect.stringMatching(/^error: \/?.*sync error/));
  });

  it('goes to a logger of the author’s own', async () => {
    const lines: string[] = [];
    const note = (...line: unknown[]) => void lines.push(line.join(' '));
    const logger = { trace: note, debug: note, info: note, warn: note, error: note, getChild: () => logger };
    await life({ create: { logger } });
    expect(lines.length).toBeGreaterThan(0);
    expect(printed).toEqual([]);
  });
});
