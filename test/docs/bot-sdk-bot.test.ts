import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { root } from '../../tools/root.ts';
import { projectWithPackage } from '../support/packed-package.ts';
import { answers, homeserverFor, noticesIn, ours, patience, runBot } from './running-bot.ts';
import { lengthened } from '../support/slowness.ts';

const page = await readFile(join(root, 'docs/matrix-bot-sdk.md'), 'utf8');
const [, code = ''] = /<!-- example:bot-sdk -->\n```js\n(.*?)```/s.exec(page) ?? [];

const sdks = ['matrix-bot-sdk', '@vector-im/matrix-bot-sdk'];

let project: string;

/**
 * A project with the packed package, what it depends on, and the SDKs. They are linked, not installed: their native
 * module is downloaded from a place that not every machine can reach.
 */
beforeAll(async () => {
  project = await projectWithPackage([...Object.keys(packageJson.dependencies), 'xstate', ...sdks]);
}, 240_000);

afterAll(() => rm(project, { recursive: true, force: true }));

describe.each(sdks)('the bot of docs/matrix-bot-sdk.md on %s', (sdk) => {
  test('joins where it is invited, answers across the expiry of its token, and ends on SIGTERM', async () => {
    const { proxy, password, carol } = await homeserverFor({ accessTokenLifetimeMs: lengthened(2_000) });
    const file = `bot-${sdks.indexOf(sdk)}.mjs`;
    await writeFile(join(project, file), code.replaceAll("'matrix-bot-sdk'", `'${sdk}'`));
    const { ACCESS_TOKEN: _, ...inherited } = process.env;
    const bot = runBot({
      file: process.execPath,
      args: [file],
      cwd: project,
      env: { ...inherited, HOMESERVER_URL: proxy.url, MATRIX_USERNAME: 'bot', MATRIX_PASSWORD: password },
    });
    await bot.says(/signed in as @bot:localhost/);
    const room = await carol.createRoom(['@bot:localhost']);
    await proxy.waitFor({ method: 'POST', path: /\/join/ }, patience);
    await carol.say(room, 'one');
    await answers(proxy, 1);
    // The second refresh comes after the first token's end.
    await proxy.waitFor({ path: '/refresh' }, { ...patience, count: 2 });
    await carol.say(room, 'two');
    await answers(proxy, 2);
    bot.child.kill('SIGTERM');
    expect(await bot.ended).toEqual([0, null]);
    expect(bot.printed.stderr).not.toMatch(ours);
    expect(await noticesIn(proxy.url, room, carol.tokens.access_token)).toEqual([
      'You said: one',
      'You said: two',
    ]);
    expect(proxy.requests.filter(({ status }) => status === 401)).toEqual([]);
    expect(proxy.count({ path: '/login' })).toBe(1);
  });
});
