import { type MatrixClient, Preset, RoomMemberEvent } from 'matrix-js-sdk';
import { setTimeout } from 'node:timers/promises';
import { matrixJsSdk } from '../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, type Credentials, type MatrixAuth } from '../src/index.ts';
import type { CryptoStore } from '../src/ports/index.ts';
import { answeredText } from './echo-bot.ts';
import { encryptedRoom, isReadableBy } from './encryption.ts';
import { quietLogger } from './quiet-logger.ts';
import type { Tally } from './tally.ts';

const LOOK_EVERY_MS = 100;

export interface TalkerOptions {
  readonly homeserver: string;
  readonly credentials: Credentials;
  readonly tally: Tally;
  /** The keys of encrypted rooms. With these the room is encrypted, and an answer counts only if it is. */
  readonly crypto?: CryptoStore;
  /** Called when the homeserver did not take a message. */
  readonly onFailed: (error: unknown) => void;
}

export interface Talker {
  readonly auth: MatrixAuth<MatrixClient>;
  /** Opens a room with the bot, resolves when the bot has joined it, and says something every `everyMs` from then on. */
  talkTo(botId: string, everyMs: number): Promise<void>;
  /** Says one thing, now. */
  say(): void;
  /** Says nothing more by itself. */
  hush(): void;
}

/** Somebody who talks to the bot. Each message has another number, and is entered in the tally with what becomes of it. */
export function createTalker(options: TalkerOptions): Talker {
  const { homeserver, credentials, tally, crypto, onFailed } = options;
  const joined = Promise.withResolvers<void>();
  let roomId: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let number = 0;
  let hushed = false;

  const auth = createMatrixAuth({
    homeserver,
    credentials,
    // What is good is told by the demo itself.
    logger: { warn: (line) => console.warn(line), error: (line) => console.error(line) },
    client: matrixJsSdk({
      create: { logger: quietLogger },
      ...(crypto === undefined ? {} : { crypto }),
      onClient: (client) => {
        client.on(RoomMemberEvent.Membership, (_event, member) => {
          if (member.userId !== client.getUserId() && member.membership === 'join') joined.resolve();
        });
      },
      onMessage: ({ event }) => {
        const text = answeredText(event);
        if (text !== undefined && (crypto === undefined || event.isEncrypted())) tally.answered(text);
      },
    }),
  });

  function say(): void {
    const room = roomId;
    if (room === undefined) return;
    number += 1;
    const text = `message ${number}`;
    tally.sent(text);
    auth
      .run((client) => client.sendTextMessage(room, text))
      .catch((error: unknown) => {
        // What is under way when the session is stopped ends with it.
        if (auth.snapshot().state === 'stopped') return;
        tally.failed(text);
        onFailed(error);
      });
  }

  return {
    auth,
    async talkTo(botId, everyMs) {
      const room = {
        preset: Preset.PrivateChat,
        invite: [botId],
        ...(crypto === undefined ? {} : { initial_state: [encryptedRoom] }),
      };
      const { room_id } = await auth.run((client) => client.createRoom(room));
      await joined.promise;
      const canBegin = async () =>
        crypto === undefined || hushed || (await auth.run((client) => isReadableBy(client, botId, room_id)));
      while (!(await canBegin())) await setTimeout(LOOK_EVERY_MS);
      if (hushed) return;
      roomId = room_id;
      say();
      timer = setInterval(say, everyMs);
    },
    say,
    hush() {
      hushed = true;
      clearInterval(timer);
    },
  };
}
