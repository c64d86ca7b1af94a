import { HttpApiEvent, MatrixError } from 'matrix-js-sdk';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { sqliteCrypto } from '../../../src/adapters/sessions/sqlite-crypto/index.ts';
import { describeOnSynapse, freshUser } from '../../support/both.ts';
import { cryptoFolder, type EncryptedBotOptions, makeEncryptedBot } from '../../support/encrypted-bot.ts';
import { EncryptedPerson } from '../../support/encrypted-person.ts';
import { rounds } from '../../support/long.ts';
import { OfflineCrypto } from '../../support/offline-crypto.ts';
import { lengthened } from '../../support/slowness.ts';

const LIFETIMES = rounds({ short: 1, long: 5 });
/** Set-ups that are looked at besides. */
const BESIDES = rounds({ short: 0, long: 6 });
const PATIENCE = { timeout: 60_000, interval: 50 };

describeOnSynapse(
  'an encrypted room',
  { accessTokenLifetimeMs: lengthened(1_500), testTimeoutMs: 120_000 },
  ({ homeserver, proxy }) => {
    /** Somebody with an encrypted room, to which a bot is invited. */
    async function together() {
      const [user, folder] = [await freshUser(homeserver()), await cryptoFolder()];
      const alice = await EncryptedPerson.signIn(
        homeserver().url,
        await freshUser(homeserver()),
        onTestFinished,
      );
      const roomId = await alice.createRoom([user.userId]);
      const bot = (options: Partial<EncryptedBotOptions> = {}) =>
        makeEncryptedBot({ url: proxy().url, folder, user, ...options });
      let count = 0;
      return {
        ...{ user, folder, alice, roomId, bot },
        /** Alice says something, and reads the answer. */
        talk: async () => {
          count += 1;
          await alice.say(roomId, `message ${count}`);
          await alice.hears(`echo message ${count}`);
        },
        keys: () => alice.keysOf(user.userId),
      };
    }

    it('goes on over the ends of tokens, and over a restart', async () => {
      const { alice, bot, roomId, user, talk, keys } = await together();
      const first = bot();
      await first.startIn(roomId);
      await alice.sees(user.userId, roomId);
      const before = await keys();
      expect(Object.values(before)).toEqual([expect.any(String)]);
      await talk();
      for (let lifetime = 0; lifetime < LIFETIMES; lifetime += 1) {
        const generation = first.auth.snapshot().generation ?? 0;
        await vi.waitUntil(() => (first.auth.snapshot().generation ?? 0) > generation, PATIENCE);
        await talk();
      }
      await first.auth.stop();
      const away = ['while away 1', 'while away 2'];
      for (const text of away) await alice.say(roomId, text);
      const second = bot();
      await second.startIn(roomId);
      for (const text of away) await alice.hears(`echo ${text}`);
      await talk();
      const said = Array.from({ length: LIFETIMES + 1 }, (_, index) => `message ${index + 1}`);
      const last = `message ${LIFETIMES + 2}`;
      expect([...first.heard, ...second.heard]).toEqual([...said, ...away, last]);
      expect(await keys()).toEqual(before);
      expect([...first.log, ...second.log]).toEqual([]);
    });

    it('goes on after a login on the same device, and after its device was deleted', async () => {
      const { alice, bot, roomId, user, talk, keys } = await together();
      const { auth, startIn } = bot();
      const logins: string[] = [];
      auth.on('logged-in', ({ session }) => logins.push(session.deviceId ?? ''));
      await startIn(roomId);
      await alice.sees(user.userId, roomId);
      const before = await keys();
      await talk();

      proxy().inject({
        match: ({ path }) => path.endsWith('/refresh'),
        times: 1,
        fault: { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'no' } },
      });
      await vi.waitUntil(() => logins.length === 2, PATIENCE);
      await talk();
      expect(await keys()).toEqual(before);

      await homeserver().deleteDevice(user.userId, logins[0] as string);
      await vi.waitUntil(() => logins.length === 3, PATIENCE);
      // Until then nobody encrypts for the device.
      await vi.waitUntil(async () => Object.keys(await keys()).length > 0, PATIENCE);
      await talk();
      expect(await keys()).toEqual(before);
      expect(new Set(logins).size).toBe(1);
    });

    it('is read from its start on by a new device, whose keys are uploaded slowly', async () => {
      const { alice, bot, roomId, user, talk } = await together();
      const slow = { kind: 'delay', delayMs: 2_000 } as const;
      proxy().inject({ match: ({ path }) => path.endsWith('/keys/upload'), times: 1, fault: slow });
      await bot().startIn(roomId);
      await alice.sees(user.userId, roomId);
      await talk();
    });

    it('is written to by auth.send(), each message once', async () => {
      const { alice, bot, roomId, user } = await together();
      const { auth, startIn } = bot();
      await startIn(roomId);
      await alice.sees(user.userId, roomId);
      const cut = { kind: 'lose-response' } as const;
      proxy().inject({ match: ({ path }) => path.includes('/send/m.room.encrypted/'), times: 1, fault: cut });
      const { eventId } = await auth.send(roomId, { msgtype: 'm.text', body: 'sent once' });
      await alice.hears('sent once');
      await auth.send(roomId, { msgtype: 'm.text', body: 'the next' });
      await alice.hears('the next');
      expect(alice.heard).toEqual(['sent once', 'the next']);
      expect(alice.client.getRoom(roomId)?.findEventById(eventId)?.getWireType()).toBe('m.room.encrypted');
    });

    it('is not begun with new keys on a device that has others; the file put back, it goes on', async () => {
      const { alice, bot, folder, roomId, user, talk, keys } = await together();
      const first = bot();
      await first.startIn(roomId);
      await alice.sees(user.userId, roomId);
      const before = await keys();
      await first.auth.stop();
      const [file, away] = [join(folder, 'bot-crypto.db'), join(folder, 'away.db')];
      await rename(file, away);
      const second = bot();
      await expect(second.auth.start()).rejects.toMatchObject({ reason: 'crypto-mismatch' });
      expect(second.log.join()).toMatch(/crypto-mismatch .*no keys of this device.*Put the file back/);
      expect(await keys()).toEqual(before);
      // It closes the file when it has failed.
      await vi.waitUntil(() => !existsSync(`${file}-wal`), PATIENCE);
      await rename(away, file);
      await second.auth.start();
      await talk();
      expect(await keys()).toEqual(before);
    });

    it('is read on by a client that takes the place of another on the same device', async () => {
      const { alice, bot, roomId, user, talk, keys } = await together();
      const { auth, heard, startIn } = bot();
      const first = await startIn(roomId);
      await alice.sees(user.userId, roomId);
      const before = await keys();
      await talk();
      first.emit(HttpApiEvent.SessionLoggedOut, new MatrixError({ errcode: 'M_UNKNOWN_TOKEN' }, 401));
      await vi.waitUntil(() => auth.client !== first && auth.client !== undefined, PATIENCE);
      await talk();
      expect(heard).toEqual(['message 1', 'message 2']);
      expect(await keys()).toEqual(before);
    });

    it('is read with keys that came while the bot was away, also where it begins anew', async () => {
      const { alice, bot, roomId, user, talk } = await together();
      const first = bot();
      await first.startIn(roomId);
      await alice.sees(user.userId, roomId);
      await talk();
      await first.auth.stop();
      await alice.client.getCrypto()?.forceDiscardSession(roomId);
      await alice.say(roomId, 'with a new key');
      const second = bot({ client: { resume: false } });
      await second.startIn(roomId);
      await talk();
      expect(second.heard).toEqual(['message 2']);
      expect(second.log).toEqual([]);
    });

    it('says why a message cannot be read, and hands it over when its key comes', async () => {
      const { alice, bot, roomId, user, talk } = await together();
      const { auth, heard, log, startIn } = bot();
      await startIn(roomId);
      await alice.sees(user.userId, roomId);
      const crypto = alice.client.getCrypto() as { globalBlacklistUnverifiedDevices: boolean };
      crypto.globalBlacklistUnverifiedDevices = true;
      await alice.say(roomId, 'not for you');
      await vi.waitUntil(() => log.length > 0, PATIENCE);
      expect(log.join()).toMatch(/undecryptable: .* cannot be decrypted: MEGOLM_KEY_WITHHELD/);
      crypto.globalBlacklistUnverifiedDevices = false;
      await alice.client.getCrypto()?.forceDiscardSession(roomId);
      await talk();
      expect(heard).toEqual(['message 1']);
      await auth.stop();
    });

    if (BESIDES === 0) return;

    it('is read by a device that takes the place of another, and the keys of the first stay', async () => {
      const { alice, bot, roomId, user, talk, keys } = await together();
      const first = bot();
      await first.startIn(roomId);
      await alice.sees(user.userId, roomId);
      const before = await keys();
      await talk();
      await first.auth.stop();
      const second = bot({ auth: { sessionName: 'another' } });
      await second.startIn(roomId);
      await vi.waitUntil(async () => Object.keys(await keys()).length === 2, PATIENCE);
      await talk();
      expect(await keys()).toMatchObject(before);
      await second.auth.stop();
      const third = bot();
      await third.startIn(roomId);
      await talk();
      // What was said to both devices meanwhile is not lost to the first.
      expect(third.heard).toEqual(['message 2', 'message 3']);
      expect(await keys()).toMatchObject(before);
    });

    it('is for one process at a time, and the next goes on when the first ends', async () => {
      const { alice, bot, roomId, user, talk } = await together();
      const first = bot();
      await first.startIn(roomId);
      await alice.sees(user.userId, roomId);
      const second = bot();
      const starting = second.auth.start();
      const trouble = () => second.auth.snapshot().trouble;
      await vi.waitUntil(() => trouble() !== undefined, PATIENCE);
      expect(trouble()).toMatch(/another process.* has the keys of the device/);
      await talk();
      await first.auth.stop();
      await starting;
      await talk();
      expect(second.heard).toEqual(['message 2']);
    });

    it('is begun without the keys that a homeserver does not take', async () => {
      const { bot } = await together();
      const down = { kind: 'answer', status: 500, body: {} } as const;
      proxy().inject({
        match: ({ path }) => path.endsWith('/keys/upload'),
        times: Number.POSITIVE_INFINITY,
        fault: down,
      });
      const { auth } = bot();
      await auth.start();
      expect(auth.snapshot().state).toBe('valid');
    });

    it('is not begun with keys that others do not know this device by', async () => {
      const { alice, bot, folder, roomId, user, keys } = await together();
      const first = bot();
      const client = await first.startIn(roomId);
      await alice.sees(user.userId, roomId);
      const before = await keys();
      const deviceId = client.getDeviceId() ?? '';
      await first.auth.stop();
      const elsewhere = join(folder, 'other-crypto.db');
      const other = await sqliteCrypto(elsewhere).open(
        { userId: user.userId, deviceId },
        { onHeld: () => {} },
      );
      (await OfflineCrypto.open({ userId: user.userId, deviceId }, other)).end();
      await other.close();
      const second = bot({ client: { crypto: sqliteCrypto(elsewhere) } });
      await expect(second.auth.start()).rejects.toMatchObject({ reason: 'crypto-mismatch' });
      expect(second.log.join()).toMatch(/has other keys of this device/);
      expect(await keys()).toEqual(before);
    });

    it.each([
      ['nowhere', /encryption-unavailable: !.* is encrypted, and the client has no keys/],
      ['memory', /encryption-not-kept: the client keeps the keys of encrypted rooms in memory/],
    ] as const)('with keys %s, the bot says so once', async (where, line) => {
      const { alice, bot, roomId, user } = await together();
      const { auth, log, startIn } = bot({ keys: where });
      await startIn(roomId);
      await alice.sees(user.userId, roomId);
      for (const text of ['one', 'two']) await alice.say(roomId, text);
      await vi.waitUntil(() => log.length > 0, PATIENCE);
      if (where === 'nowhere')
        await expect(auth.send(roomId, { body: 'in clear' })).rejects.toThrow(
          /has no keys to encrypt it with/,
        );
      expect(log.filter((text) => line.test(text))).toHaveLength(1);
      await auth.stop();
    });
  },
);
