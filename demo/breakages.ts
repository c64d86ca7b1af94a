import type { FaultProxy } from '../src/testing/index.ts';
import type { BotProcess } from './bot-process.ts';
import type { OwnHomeserver } from './homeservers.ts';
import type { Key } from './keys.ts';
import { duration } from './words.ts';

const SLOW_MS = 2_000;

export interface Breakages {
  readonly keys: readonly Key[];
  /** Whether anything has been broken so far. */
  readonly any: boolean;
  /** Mends what is broken. */
  mend(): Promise<void>;
}

/** The keys with which the bot's session is broken while one watches. `say` puts a remark in the form of the other lines. */
export function breakagesOf(
  { homeserver, proxy, bot }: { homeserver: OwnHomeserver; proxy: FaultProxy; bot: BotProcess },
  botId: string,
  say: (text: string) => string,
): Breakages {
  let locked = false;
  let away = false;
  let any = false;

  const breaking = (key: string, label: string, press: () => Promise<string> | string): Key => ({
    key,
    label,
    press: async () => {
      any = true;
      return say(await press());
    },
  });

  async function lock(on: boolean): Promise<void> {
    locked = on;
    await homeserver.setLocked(botId, on);
  }

  async function outage(on: boolean): Promise<void> {
    away = on;
    await (on ? proxy.away() : proxy.back());
  }

  return {
    get any() {
      return any;
    },
    keys: [
      breaking('e', 'expire', async () =>
        (await homeserver.expire(botId))
          ? 'you let its token expire'
          : 'Synapse cannot end a token early: this one ends by itself',
      ),
      breaking('r', 'revoke', async () => {
        await homeserver.revoke(botId);
        return 'you revoked its session: no refresh token helps, only a login';
      }),
      breaking('l', 'lock', async () => {
        await lock(!locked);
        return locked ? 'you locked its account; l unlocks it' : 'you unlocked its account';
      }),
      breaking('o', 'outage', async () => {
        await outage(!away);
        return away ? 'you took the homeserver down; o brings it back' : 'you brought the homeserver back';
      }),
      breaking('k', 'kill -9 and restart', async () => {
        await bot.killAndRestart();
        return 'you killed its process; the next one goes on with the stored session';
      }),
      breaking('s', 'slow server', () => {
        proxy.latencyMs = proxy.latencyMs === 0 ? SLOW_MS : 0;
        return proxy.latencyMs === 0
          ? 'you made the homeserver quick again'
          : `you made the homeserver slow: every request takes ${duration(SLOW_MS)}; s makes it quick again`;
      }),
    ],
    async mend() {
      proxy.latencyMs = 0;
      if (away) await outage(false);
      if (locked) await lock(false);
    },
  };
}
