import { setTimeout as delay } from 'node:timers/promises';
import type { BotUnderTest } from './bot.ts';
import type { Finding } from './finding.ts';
import type { AuthPath } from './plan.ts';
import { checks } from './rules/table.ts';
import { walk } from './walk.ts';

/**
 * Walks a bot along one path, on a homeserver of its own, and says what it did wrong; an empty list means nothing.
 * Several paths may be walked at once.
 * @throws what the bot's own `stop` throws
 */
export async function runAuthPath<Handle>(
  path: AuthPath,
  bot: BotUnderTest<Handle>,
): Promise<readonly Finding[]> {
  return (await walkAndCheck(path, bot)).findings;
}
