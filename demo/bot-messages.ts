import type { Sdk } from './echo-clients.ts';
import type { Traffic } from './traffic.ts';

/** What the process of the bot is started with, by a message: the password is in no command line and no environment. */
export interface BotSettings {
  readonly sdk: Sdk;
  readonly homeserver: string;
  readonly username: string;
  readonly password: string;
  /** The SQLite file in which its session is stored. */
  readonly sessions: string;
  /** The SQLite file with its keys of encrypted rooms; `undefined`: it has none. */
  readonly crypto: string | undefined;
  /** The port of its live page, 0 for a free one; `undefined`: no page. */
  readonly port: number | undefined;
}

/** Sent to the bot when it may begin. */
export const GO = 'go';

/** Sent to the bot that is to tell its traffic, once it has sent what it can send. */
export const TELL_TRAFFIC = 'tell-traffic';

/** What the bot tells the demonstration. */
export type BotMessage =
  | { readonly type: 'ready'; readonly page: string | undefined }
  | { readonly type: 'no-page'; readonly code: string }
  | { readonly type: 'signed-in'; readonly userId: string }
  | { readonly type: 'issued'; readonly by: 'refresh' | 'login'; readonly expiresAt?: number }
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'traffic'; readonly pid: number; readonly traffic: Traffic }
  /** That was what it was asked for by {@link TELL_TRAFFIC}. */
  | { readonly type: 'traffic-told' }
  | { readonly type: 'failed' };
