import type { RecordedRequest } from '../proxy/recorded-request.ts';
import type { BotUnderTest } from './bot.ts';
import { AuthPathError, type Finding } from './finding.ts';
import type { AuthPath } from './plan.ts';
import { checks } from './rules/table.ts';
import { runPath } from './run-path.ts';

/**
 * Walks a bot along one path, on a homeserver of its own, and says what it did wrong; an empty list means nothing.
 * Several paths may be walked at once.
 * @throws what the bot's own `stop` throws
 */
export async function runAuthPath<Handle>(
  path: AuthPath,
  bot: BotUnderTest<Handle>,
): Promise<readonly Finding[]> {
  return (await examine(path, bot)).findings;
}

/**
 * Walks a bot along one path, for use in a test of any runner.
 * @throws {AuthPathError} if the bot did something wrong; its message says what, in plain words
 */
export async function assertAuthPath<Handle>(path: AuthPath, bot: BotUnderTest<Handle>): Promise<void> {
  const { findings, requests } = await examine(path, bot);
  if (findings.length > 0) throw new AuthPathError(path, findings, requests);
}

async function examine<Handle>(
  path: AuthPath,
  bot: BotUnderTest<Handle>,
): Promise<{ readonly findings: readonly Finding[]; readonly requests: readonly RecordedRequest[] }> {
  const outcome = await runPath(path, bot);
  if ('notStarted' in outcome) {
    const finding: Finding = { path: path.id, rule: 'start', message: outcome.notStarted };
    return { findings: [finding], requests: outcome.requests };
  }
  const { trace } = outcome;
  const findings = path.rules.flatMap((rule) =>
    checks[rule](trace).map((message): Finding => ({ path: path.id, rule, message })),
  );
  return { findings, requests: trace.requests };
}
