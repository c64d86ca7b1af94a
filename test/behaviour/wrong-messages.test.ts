import type { MatrixClient } from 'matrix-js-sdk';
import { expect, it, onTestFinished } from 'vitest';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, credentials, type MatrixAuth } from '../../src/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import { Person } from '../support/rest.ts';
import { textsIn } from '../support/room-texts.ts';

/** A slow machine is no failure. */
const patient = { timeout: 30_000 };

const text = (body: string) => ({ msgtype: 'm.text', body });

describeOnBoth('messages that no homeserver takes', {}, ({ homeserver, proxy }) => {
  it('are told with what is wrong with them, waited for or not, and the next one is sent', async () => {
    const user = await freshUser(homeserver());
    const bob = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
    const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const [left, roomId] = [await alice.createRoom(), await alice.createRoom()];
    for (const room of [left, roomId]) await bob.join(room);
    await bob.leave(left);
    const log: string[] = [];
    const auth = createMatrixAuth({
      homeserver: proxy().url,
      credentials: credentials({ username: user.localpart, password: user.password }),
      logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    });
    onTestFinished(() => auth.stop());
    await auth.start();

    // Nobody waits for this one.
    void auth.send(left, text('to a room that it left'));
    await expect.poll(() => log, patient).toHaveLength(1);
    expect(log[0]).toContain(`message-refused: a message to ${left} was not sent`);
    expect(log[0]).toContain('403 M_FORBIDDEN');

    const refused = { name: 'MessageRefusedError' };
    await expect(auth.send(left, text('again'))).rejects.toMatchObject({
      ...refused,
      errcode: 'M_FORBIDDEN',
    });
    await expect(auth.send(roomId, text('x'.repeat(66_000)))).rejects.toMatchObject({
      ...refused,
      status: 413,
      errcode: 'M_TOO_LARGE',
    });
    await expect(auth.send(roomId, { ...text('half'), volume: 0.5 })).rejects.toMatchObject({
      ...refused,
      errcode: 'M_BAD_JSON',
    });
    await expect(auth.send(roomId, { ...text('large'), id: 10n })).rejects.toThrow(/no JSON \(.*BigInt\)/);
    await auth.send(roomId, text('good'));
    expect(await textsIn(homeserver().url, roomId, alice, user.userId)).toEqual(['good']);
    expect(auth.outgoing.length).toBe(0);
    expect(proxy().count({ path: '/login' })).toBe(1);
    await auth.stop();
    await expect(auth.send(roomId, text('after the stop'))).rejects.toThrow(
      /was stopped with auth\.stop\(\)/,
    );
  });

  it('and those before start(): it is said what they wait for, and they are sent then', async () => {
    const user = await freshUser(homeserver());
    const bob = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
    const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const roomId = await alice.createRoom();
    await bob.join(roomId);
    const log: string[] = [];
    const auth = createMatrixAuth({
      homeserver: proxy().url,
      credentials: credentials({ username: user.localpart, password: user.password }),
      logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    });
    onTestFinished(() => auth.stop());
    const sent = auth.send(roomId, text('early'));
    await expect.poll(() => log, patient).toHaveLength(1);
    expect(log[0]).toMatch(/send-before-start: .*Call start\(\) first/);
    await auth.start();
    await sent;
    expect(await textsIn(homeserver().url, roomId, alice, user.userId)).toEqual(['early']);
    expect(log).toHaveLength(1);
  });

  it('handlers that throw, or never end, are told with the event; the bot goes on and stops', async () => {
    const user = await freshUser(homeserver());
    const bob = await Person.signIn(homeserver().url, user, { deviceId: 'SETUP' });
    const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const roomId = await alice.createRoom();
    await bob.join(roomId);
    const log: string[] = [];
    const auth: MatrixAuth<MatrixClient> = createMatrixAuth({
      homeserver: proxy().url,
      credentials: credentials({ username: user.localpart, password: user.password }),
      logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
      client: matrixJsSdk({
        create: { logger: quietLogger },
        handlerTimeoutMs: 1_000,
        onMessage({ event }): unknown {
          const { body } = event.getContent();
          if (body === 'throws') throw new Error('the database is away');
          if (body === 'hangs') return new Promise(() => {});
          // It is not what is slow here.
          void auth.send(roomId, text(`re: ${body}`));
          return undefined;
        },
      }),
    });
    onTestFinished(() => auth.stop());
    await auth.start();
    for (const body of ['throws', 'hangs', 'goes on']) await alice.say(roomId, body);
    const answers = () => textsIn(homeserver().url, roomId, alice, user.userId);
    await expect.poll(answers, patient).toEqual(['re: goes on']);
    expect(log.map((line) => line.split(': ')[1])).toEqual(['handler-failed', 'handler-slow']);
    expect(log[0]).toContain('Error: the database is away');
    expect(log[1]).toContain(`in ${roomId} after 1 s`);
    await auth.stop();
  });
});
