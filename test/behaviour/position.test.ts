import { type MatrixClient, RoomEvent } from 'matrix-js-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import { clientSession, connectNow } from '../support/client-session.ts';
import { Person } from '../support/rest.ts';

describeOnBoth('the position of the sync', { accessTokenLifetimeMs: 120_000 }, ({ homeserver, proxy }) => {
  it('is saved after its messages were delivered, not before', async () => {
    const [user, aliceUser] = [await freshUser(homeserver()), await freshUser(homeserver())];
    const alice = await Person.signIn(homeserver().url, aliceUser);
    const bob = await Person.signIn(homeserver().url, user);
    const roomId = await alice.createRoom();
    await bob.join(roomId);
    const session = clientSession(proxy().url, bob.tokens);
    const { promise: handled, resolve } = Promise.withResolvers<{
      position: string;
      savedBefore: string[];
    }>();
    const port = matrixJsSdk({
      create: { logger: quietLogger },
      onClient(client: MatrixClient) {
        client.on(RoomEvent.Timeline, (event) => {
          if (event.getContent()['body'] !== 'news') return;
          // The SDK knows the position of an answer before it delivers its events.
          resolve({ position: client.store.getSyncToken() ?? '', savedBefore: [...session.positions] });
        });
      },
    });
    onTestFinished(() => port.stop());
    await port.connect(session, connectNow());
    await alice.say(roomId, 'news');
    const { position, savedBefore } = await handled;
    expect(savedBefore).not.toEqual([]);
    expect(savedBefore).not.toContain(position);
    await port.stop();
    expect(session.positions.at(-1)).toBe(position);
    expect(new Set(session.positions).size).toBe(session.positions.length);
  });
});
