import type { MatrixClient } from 'matrix-js-sdk';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type MatrixJsSdkOptions, matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { sqliteSessions } from '../../src/adapters/sessions/sqlite/index.ts';
import { sqliteCrypto } from '../../src/adapters/sessions/sqlite-crypto/index.ts';
import { createMatrixAuth, credentials, type MatrixAuth, type MatrixAuthOptions } from '../../src/index.ts';
import { quietLogger } from './bot.ts';

export interface EncryptedBot {
  readonly auth: MatrixAuth<MatrixClient>;
  /** The messages that it has handled, by their text. */
  readonly heard: string[];
  /** What was logged for people. */
  readonly log: string[];
  /** Starts it, and joins it to the room. */
  readonly startIn: (roomId: string) => Promise<MatrixClient>;
}

export interface EncryptedBotOptions {
  readonly url: string;
  /** Where it keeps its session and its keys. */
  readonly folder: string;
  /** Where its keys are. Default `file`. */
  readonly keys?: 'file' | 'memory' | 'nowhere';
  readonly user: { readonly localpart: string; readonly password: string };
  readonly auth?: MatrixAuthOptions<MatrixClient>;
  readonly client?: MatrixJsSdkOptions;
}

/** A folder that is removed when the test is over. */
export async function cryptoFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-crypto-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A bot that echoes what it can read, with its keys in a file. */
export function makeEncryptedBot({
  url,
  folder,
  user,
  keys = 'file',
  ...options
}: EncryptedBotOptions): EncryptedBot {
  const heard: string[] = [];
  const log: string[] = [];
  const auth: MatrixAuth<MatrixClient> = createMatrixAuth({
    homeserver: url,
    credentials: credentials({ username: user.localpart, password: user.password }),
    sessions: sqliteSessions(join(folder, 'bot.db')),
    logger: { warn: (line) => log.push(line), error: (line) => log.push(line) },
    ...options.auth,
    client: matrixJsSdk({
      create: { logger: quietLogger },
      start: { pollTimeout: 5_000 },
      ...(keys === 'file' ? { crypto: sqliteCrypto(join(folder, 'bot-crypto.db')) } : {}),
      ...(keys === 'memory'
        ? { beforeStart: (client: MatrixClient) => client.initRustCrypto({ useIndexedDB: false }) }
        : {}),
      onMessage: async ({ client, room, event }) => {
        heard.push(event.getContent()['body']);
        await client.sendTextMessage(room.roomId, `echo ${event.getContent()['body']}`);
      },
      ...options.client,
    }),
  });
  onTestFinished(() => auth.stop());
  return {
    auth,
    heard,
    log,
    startIn: async (roomId) => {
      const client = await auth.start();
      await client.joinRoom(roomId);
      return client;
    },
  };
}
