import { type MatrixClient } from 'matrix-js-sdk';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { matrixJsSdk } from '../../../src/adapters/matrix-js-sdk/index.ts';
import { sqliteSessions } from '../../../src/adapters/sessions/sqlite/index.ts';
import { sqliteCrypto } from '../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { createMatrixAuth, credentials, type MatrixAuth } from '../../../src/index.ts';
import { describeOnSynapse, freshUser } from '../../support/both.ts';
import { quietLogger } from '../../support/bot.ts';
import { EncryptedPerson } from '../../support/encrypted-person.ts';
import { lengthened } from '../../support/slowness.ts';

describeOnSynapse(
  'an encrypted room',
  { accessTokenLifetimeMs: lengthened(3_000), testTimeoutMs: 120_000 },
  ({ homeserver, proxy }) => {
    it('goes on over the ends of tokens, and over a restart', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-crypto-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const user = await freshUser(homeserver());
      const alice = await EncryptedPerson.signIn(
        homeserver().url,
        await freshUser(homeserver()),
        onTestFinished,
      );
      const roomId = await alice.createRoom([user.userId]);
      const heard: string[] = [];
      const log: string[] = [];
      const start = async () => {
        const auth: MatrixAuth<MatrixClient> = createMatrixAuth({
          homeserver: proxy().url,
          credentials: credentials({ username: user.localpart, password: user.password }),
          sessions: sqliteSessions(join(folder, 'bot.db')),
          logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
          client: matrixJsSdk({
            create: { logger: quietLogger },
            crypto: sqliteCrypto(join(folder, 'bot-crypto.db')),
            onMessage: async ({ client, room, event }) => {
              heard.push(event.getContent()['body']);
              await client.sendTextMessage(room.roomId, `echo ${event.getContent()['body']}`);
            },
          }),
        });
        onTestFinished(() => auth.stop());
        const client = await auth.start();
        await client.joinRoom(roomId);
        return auth;
      };
      let auth = await start();
      await alice.sees(user.userId, roomId);
      const keys = await alice.keysOf(user.userId);
      expect(Object.values(keys)).toEqual([expect.any(String)]);
      const said: string[] = [];
      const talk = async () => {
        const text = `message ${said.length}`;
        said.push(text);
        await alice.say(roomId, text);
        await alice.hears(`echo ${text}`);
      };
      await talk();
      const first = auth.snapshot().generation ?? 0;
      await vi.waitUntil(() => (auth.snapshot().generation ?? 0) >= first + 2, { timeout: 60_000 });
      await talk();
      await auth.stop();
      const away = ['while away 1', 'while away 2'];
      for (const text of away) await alice.say(roomId, text);
      said.push(...away);
      auth = await start();
      for (const text of away) await alice.hears(`echo ${text}`);
      await talk();
      expect(heard).toEqual(said);
      expect(await alice.keysOf(user.userId)).toEqual(keys);
      expect(log).toEqual([]);
    });
  },
);
