import { writeSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { type AuthPageOptions, type Bot as Shown, serveAuthPage } from '../../src/page/index.ts';
import { canaryPassword } from '../support/both.ts';
import { startBot } from './bot.ts';
import { delaysOf, isLit, lights, noteLights } from './lit.ts';
import { describeInChromium } from './suite.ts';

async function serve(bots: Shown | readonly Shown[], options: AuthPageOptions = {}) {
  const page = await serveAuthPage(bots, { logger: { warn() {} }, ...options });
  onTestFinished(() => page.close());
  return page;
}

describeInChromium('the live page', ({ tab }) => {
  test('follows a session through expiry, refresh, lock, failure and recovery', async () => {
    const bot = await startBot();
    const { auth, homeserver, userId, observer } = bot;
    const { url } = await serve(observer);
    const { page, complaints, requests } = await tab();
    await noteLights(page);
    await page.goto(url);
    await isLit(page, 'restoring');

    await auth.start();
    await isLit(page, 'valid');
    expect(await page.textContent('#user')).toBe(userId);
    expect(await page.textContent('#expires')).toMatch(/^(?:5:00|4:\d\d)$/);
    expect(await page.textContent('#next-name')).toBe('Next refresh in');
    expect(await page.textContent('#place')).toContain(`process ${process.pid} on `);
    expect(await page.textContent('#counted-since')).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(await page.getAttribute('dt:has(+ #generation) abbr', 'title')).toMatch(/^Counts the tokens/);

    homeserver.expireTokens(userId);
    const repeated = bot.request();
    await isLit(page, 'refreshing');
    expect((await repeated).status).toBe(200);
    await isLit(page, 'valid');
    expect(await page.textContent('#refreshes')).toBe('1');
    await page.waitForSelector(
      '#visits li:nth-child(3) .why >> text=The homeserver refused the token: 401 M_UNKNOWN_TOKEN',
    );

    homeserver.setLocked(userId, true);
    const held = bot.request();
    await isLit(page, 'locked');
    expect(await page.textContent('#todo')).toMatch(/administrator/);
    homeserver.setLocked(userId, false);
    expect((await held).status).toBe(200);
    await isLit(page, 'valid');

    const password = canaryPassword();
    homeserver.setPassword(userId, password);
    const refused = bot.request();
    await isLit(page, 'failed');
    expect((await refused).status).toBe(401);
    expect(await page.textContent('#todo')).toMatch(/password/);
    expect(await page.textContent('#advice')).toMatch(/MATRIX_PASSWORD/);
    expect(await page.title()).toBe('failed · echo');
    expect(await page.textContent('#say')).toMatch(/^echo is failed\./);

    auth.provideCredentials({ username: 'echo', password });
    await isLit(page, 'valid');
    expect(await page.textContent('#failures')).toBe('1');
    await auth.stop();
    await isLit(page, 'stopped');

    const states = (await lights(page)).map(({ state }) => state);
    for (const state of ['restoring', 'refreshing', 'reconnecting', 'locked', 'failed', 'valid', 'stopped']) {
      expect(states).toContain(state);
    }
    // The first one was there before the page was.
    const delays = delaysOf((await lights(page)).slice(1), observer).sort((a, b) => a - b);
    const median = delays[Math.floor(delays.length / 2)];
    writeSync(
      1,
      `Live page: ${delays.length} states lit after a median of ${median} ms, at most ${delays.at(-1)} ms.\n`,
    );
    expect(complaints).toEqual([]);
    expect(requests.filter((address) => !address.startsWith(url) && !address.startsWith('data:'))).toEqual(
      [],
    );
    const everything = await page.content();
    expect(/canary-|sy[trl]_/.test(everything)).toBe(false);
  });

  test('finds the bot again after a restart, and shows how it is then', async () => {
    const bot = await startBot();
    await bot.auth.start();
    const first = await serve(bot.observer);
    const { page } = await tab();
    await page.goto(first.url);
    await isLit(page, 'valid');
    await first.close();
    await bot.auth.stop();
    await page.waitForSelector('#lost:not([hidden]) >> text=not been heard of');
    expect(await page.textContent('#link-state')).toBe('connection lost');
    expect(await page.textContent('#state')).toMatch(/^unknown since \d\d:\d\d:\d\d$/);
    expect(await page.textContent('#headline')).toMatch(
      /^It was (?:valid|stopped) when its process was last heard of\.$/,
    );
    expect(await page.textContent('#todo')).toMatch(
      new RegExp(`^Check that the process still runs \\(it was number ${process.pid} on `),
    );
    expect(await page.title()).toBe('unknown · echo');
    expect(await page.locator('.lit').count()).toBe(0);
    expect(await page.textContent('#expires')).toBe('–');

    const { auth, observer } = bot.again();
    await auth.start();
    await auth.refresh();
    await serve(observer, { port: Number(new URL(first.url).port) });
    await page.waitForSelector('[data-link="live"]');
    await page.waitForFunction(() => document.getElementById('generation')?.textContent === '2');
    expect(await page.isVisible('#lost')).toBe(false);
    expect(await page.textContent('#state')).toBe('valid');
    expect(await page.locator('[data-unknown]').count()).toBe(0);
    expect(await page.textContent('#logins')).toBe('0');
    // The stored session was taken up: nothing of the first life is in the timeline any more.
    expect(await page.textContent('#visits li:last-child .why')).toBe('Watching began');
  });

  test('goes on to a bot that was not there yet', async () => {
    const bot = await startBot();
    const shown = await serve([]);
    const { page } = await tab();
    await page.clock.install();
    await page.goto(`${shown.url}bots/echo`);
    expect(await page.textContent('h1')).toBe('There is no such bot');
    shown.add(bot.observer);
    await page.clock.fastForward(5_000);
    await isLit(page, 'restoring');
  });

  test('asks for the token, and takes it from a form or from the address, where it does not stay', async () => {
    const bot = await startBot();
    const token = `canary-at-${'y'.repeat(24)}`;
    const { url } = await serve(bot.observer, { token });
    const { page } = await tab();
    await page.goto(url);
    await page.fill('#token', 'not the token at all');
    await page.click('button');
    await page.waitForSelector('#message >> text=not the token');
    await page.fill('#token', token);
    await page.press('#token', 'Enter');
    await isLit(page, 'restoring');
    expect(page.url()).toBe(url);
    expect((await page.content()).includes(token)).toBe(false);

    const { page: other, requests } = await tab();
    await other.goto(`${url}#token=${token}`);
    await isLit(other, 'restoring');
    expect(other.url()).toBe(url);
    expect(requests.filter((address) => new URL(address).search.includes('token'))).toEqual([]);
  });

  test('gives its connection back while it is hidden, and is there at once when it is looked at', async () => {
    const bot = await startBot();
    await bot.auth.start();
    const { url } = await serve(bot.observer, { maxStreams: 1 });
    const { page, requests } = await tab();
    await page.clock.install();
    await page.goto(url);
    await isLit(page, 'valid');
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await page.clock.fastForward(6_000);
    await expect.poll(async () => (await fetch(`${url}events?once=1`)).status, { timeout: 20_000 }).toBe(200);
    bot.homeserver.setLocked(bot.userId, true);
    const held = bot.request();
    const looked = page.waitForRequest(/once=1/);
    await page.clock.fastForward(21_000);
    await looked;
    await page.waitForFunction(() => document.title.startsWith('locked'));
    bot.homeserver.setLocked(bot.userId, false);
    await held;
    await hide(false);
    await isLit(page, 'valid');
    expect(
      requests.filter((address) => address.includes('/events') && !address.includes('once')),
    ).toHaveLength(2);
  });

  test('says so when too many viewers follow already', async () => {
    const bot = await startBot();
    await bot.auth.start();
    const { url } = await serve(bot.observer, { maxStreams: 1 });
    const { page } = await tab();
    await page.goto(url);
    await isLit(page, 'valid');
    const { page: other } = await tab();
    await other.goto(url);
    await other.waitForSelector('#lost:not([hidden]) >> text=Too many viewers');
    expect(await page.textContent('#state')).toBe('valid');
  });

  test('comes back by itself from a connection that has fallen silent', async () => {
    const bot = await startBot();
    const { url } = await serve(bot.observer);
    const { page } = await tab();
    await page.clock.install();
    await page.goto(url);
    await isLit(page, 'restoring');
    const again = page.waitForRequest(/\/events/);
    await page.clock.fastForward(41_000);
    await page.clock.fastForward(1_000);
    await again;
    await page.waitForSelector('[data-link="live"]');
  });
});
