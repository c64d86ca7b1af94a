import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { root } from '../../tools/root.ts';
import { projectWithPackage } from '../support/packed-package.ts';
import { answers, homeserverFor, noticesIn, ours, patience, runBot } from './running-bot.ts';
import { lengthened } from '../support/slowness.ts';

/** The code that a page of the docs shows. */
async function example(page: string, name: string): Promise<string> {
  const text = await readFile(join(root, 'docs', page), 'utf8');
  const [, code = ''] = new RegExp(`<!-- example:${name} -->\\n\`\`\`js\\n(.*?)\`\`\``, 's').exec(text) ?? [];
  return code;
}

const sdks = ['matrix-bot-sdk', '@vector-im/matrix-bot-sdk'];

let project: string;

/**
 * A project with the packed package, what it depends on, and the SDKs. They are linked, not installed: their native
 * module is downloaded from a place that not every machine can reach.
 */
beforeAll(async () => {
  project = await projectWithPackage([
    ...Object.keys(packageJson.dependencies),
    'xstate',
    'matrix-js-sdk',
    ...sdks,
  ]);
}, 240_000);

afterAll(() => rm(project, { recursive: true, force: true }));

/** Runs a bot in the project, as its reader would. */
function run(file: string, url: string, password: string) {
  const { ACCESS_TOKEN: _, ...inherited } = process.env;
  return runBot({
    file: process.execPath,
    args: [file],
    cwd: project,
    env: { ...inherited, HOMESERVER_URL: url, MATRIX_USERNAME: 'bot', MATRIX_PASSWORD: password },
  });
}

describe.each(sdks)('the bot of docs/matrix-bot-sdk.md on %s', (sdk) => {
  test('joins where it is invited, answers across the expiry of its token, and ends on SIGTERM', async () => {
    const { proxy, password, carol } = await homeserverFor({ accessTokenLifetimeMs: lengthened(2_000) });
    const file = `bot-${sdks.indexOf(sdk)}.mjs`;
    const code = await example('matrix-bot-sdk.md', 'bot-sdk');
    await writeFile(join(project, file), code.replaceAll("'matrix-bot-sdk'", `'${sdk}'`));
    const bot = run(file, proxy.url, password);
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

test('the bot of docs/sending.md answers once what it is told while the homeserver takes and loses its answers, and it is killed', async () => {
  const { homeserver, proxy, password, carol } = await homeserverFor({ accessTokenLifetimeMs: 2_000 });
  await writeFile(join(project, 'once.mjs'), await example('sending.md', 'answer-once'));
  const killed = run('once.mjs', proxy.url, password);
  await killed.says(/signed in as @bot:localhost/);
  const room = await carol.createRoom(['@bot:localhost']);
  await proxy.waitFor({ method: 'POST', path: /\/join/ }, patience);
  const isSend = ({ method, path }: { method: string; path: string }) =>
    method === 'PUT' && path.includes('/send/');
  const lost = proxy.inject({
    match: isSend,
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'lose-response' },
  });
  await carol.say(room, 'one');
  await lost.hit;
  await proxy.waitFor((request) => isSend(request) && request.finishedAt !== undefined, patience);
  killed.child.kill('SIGKILL');
  await killed.ended;
  lost.remove();
  await carol.say(room, 'two');
  const bot = run('once.mjs', proxy.url, password);
  await bot.says(/signed in as @bot:localhost/);
  await carol.say(room, 'three');
  await proxy.waitFor((request) => isSend(request) && request.status === 200, { ...patience, count: 2 });
  bot.child.kill('SIGTERM');
  expect(await bot.ended).toEqual([0, null]);
  expect(await noticesIn(homeserver.url, room, carol.tokens.access_token)).toEqual([
    'You said: one',
    'You said: two',
    'You said: three',
  ]);
});
