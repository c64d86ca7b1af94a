import { describe, expect, it } from 'vitest';
import type { SetUp } from './set-ups/set-up.ts';
import { setUps } from './set-ups.ts';
import { startBot } from './unheard-bot.ts';

const fits = (line: string, says: readonly RegExp[]) => says.every((words) => words.test(line));
const codeIn = (line: string) =>
  /^matrix-auth-machine: (?:The session has failed: )?([a-z-]+)(?:: |[. ])/.exec(line)?.[1];

describe('a bot that nobody listens to says within ten seconds what is wrong with', () => {
  it.each(setUps)('$name', async ({ options, homeserver, says }) => {
    const { printed, time, password } = await startBot(options, homeserver);
    await time.pass(10_000, () => printed.some((line) => fits(line, says)));
    expect(printed.join('\n')).toMatch(says[0] as RegExp);
    const found = printed.filter((line) => fits(line, says));
    expect(found).toHaveLength(1);
    // The code comes first, and what to do about it last, with the section that says more.
    const code = codeIn(found[0] as string);
    expect(found[0]).toMatch(new RegExp(`[.] See docs/troubleshooting\\.md#${code}\\.$`));
    // However often it is tried: no flood.
    expect(new Set(printed.map(codeIn)).size).toBe(printed.length);
    expect(printed.length).toBeLessThan(5);
    expect(printed.join('\n')).not.toMatch(new RegExp(`${password}|canary-|sy[tr]_[a-z0-9]`, 'i'));
  });
});

it.each(['a redirect to www', 'the address of a web client', 'a website'])(
  'one login at the most is spent on %s, however often it is tried',
  async (name) => {
    const { options } = setUps.find((setUp) => setUp.name === name) as SetUp;
    const { proxy, time } = await startBot(options);
    await time.pass(30_000, () => proxy.count({ path: '/versions' }) > 3);
    expect(proxy.count({ path: '/versions' })).toBeGreaterThan(3);
    expect(proxy.count({ method: 'POST', path: '/login' })).toBe(1);
  },
);
