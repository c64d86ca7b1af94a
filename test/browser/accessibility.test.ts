import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { observe } from '../../src/observe/index.ts';
import { serveAuthPage } from '../../src/page/index.ts';
import { drive, type Driven, sessionOf } from '../observe/driven.ts';
import { violationsOf } from './axe.ts';
import { isLit } from './lit.ts';
import { describeInChromium } from './suite.ts';

const scenes: Readonly<Record<string, (driven: Driven) => void>> = {
  valid: (driven) => driven.signIn(),
  refreshing(driven) {
    driven.signIn();
    driven.event({ type: 'refresh' });
  },
  reconnecting(driven) {
    driven.signIn();
    driven.event({ type: 'session.adopted', session: sessionOf() } as { type: string });
  },
  locked(driven) {
    driven.signIn();
    reject(driven, 'M_USER_LOCKED');
  },
  failed: (driven) => driven.done('restore', { outcome: 'empty', canLogIn: false }),
  restoring: (driven) =>
    driven.done('restore', { outcome: 'trouble', why: 'the store could not be reached' }),
  stopped: (driven) => driven.event({ type: 'stop' }),
};

function reject(driven: Driven, errcode: string): void {
  const generation = driven.actor.getSnapshot().context.session?.generation;
  const rejection = { endpoint: 'other', status: 401, errcode };
  driven.event({ type: 'token.rejected', generation, rejection } as { type: string });
}

function driven(scene: string): Driven {
  const made = drive();
  scenes[scene]?.(made);
  return made;
}

async function fitsAtAnyWidth(page: Page): Promise<void> {
  for (const width of [360, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth).toBe(clientWidth);
  }
  expect(await violationsOf(page)).toEqual([]);
}

describeInChromium('the live page is for everybody', ({ tab }) => {
  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(Object.keys(scenes))(
      '%s: axe finds nothing, and nothing is cut off, at any width',
      async (state) => {
        const shown = await serveAuthPage(
          observe(driven(state), { name: 'a-bot-with-a-rather-long-name-in-production' }),
        );
        onTestFinished(() => shown.close());
        const { page } = await tab({ colorScheme, reducedMotion: 'reduce' });
        await page.goto(shown.url);
        await isLit(page, state);
        await fitsAtAnyWidth(page);
      },
    );

    test('the fleet: axe finds nothing, and nothing is cut off, at any width', async () => {
      const bots = Object.keys(scenes).map((state) => observe(driven(state), { name: `bot-${state}` }));
      const shown = await serveAuthPage(bots);
      onTestFinished(() => shown.close());
      const { page } = await tab({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(shown.url);
      await page.waitForSelector('#bots tr:nth-child(7)');
      await page.setViewportSize({ width: 360, height: 900 });
      expect(await violationsOf(page)).toEqual([]);
      await fitsAtAnyWidth(page);
    });

    test('without a connection, without a bot, and before the token: axe finds nothing', async () => {
      const shown = await serveAuthPage(drive(), { token: 'a-token-of-enough-length' });
      const { page } = await tab({ colorScheme, reducedMotion: 'reduce' });
      await page.goto(shown.url);
      expect(await violationsOf(page)).toEqual([]);
      await page.fill('#token', 'a-token-of-enough-length');
      await page.press('#token', 'Enter');
      await isLit(page, 'restoring');
      await page.goto(`${shown.url}bots/nobody`);
      expect(await violationsOf(page)).toEqual([]);
      await page.goto(shown.url);
      await isLit(page, 'restoring');
      await shown.close();
      await page.waitForSelector('[data-link="lost"]');
      expect(await violationsOf(page)).toEqual([]);
    });
  });

  test('can be used with the keyboard alone', async () => {
    const bots = ['one', 'two'].map((name) => observe(driven('valid'), { name }));
    const shown = await serveAuthPage(bots);
    onTestFinished(() => shown.close());
    const { page } = await tab();
    await page.goto(shown.url);
    await page.waitForSelector('#bots tr:nth-child(2)');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the state');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.keyboard.press('Tab');
    await page.keyboard.type('two');
    await page.waitForSelector('#bots tr:has-text("one")', { state: 'hidden' });
    const link = page.locator('#bots a:visible');
    for (let count = 0; count < 20; count += 1) {
      await page.keyboard.press('Tab');
      if (await link.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await isLit(page, 'valid');
    expect(await page.textContent('h1')).toBe('two');
  });

  test('reads a change of the state aloud once, and no ticking', async () => {
    const one = driven('valid');
    const shown = await serveAuthPage(observe(one, { name: 'echo' }));
    onTestFinished(() => shown.close());
    const { page } = await tab();
    await page.clock.install();
    await page.goto(shown.url);
    await isLit(page, 'valid');
    const said = () => page.textContent('#say');
    expect(await said()).toBe('echo is valid. Signed in, and the client is live.');
    await page.evaluate(() => {
      const changes: string[] = [];
      Object.assign(globalThis, { changes });
      const watch = new MutationObserver(() => changes.push('changed'));
      for (const live of document.querySelectorAll('[aria-live], [role="status"], [role="alert"]')) {
        watch.observe(live, { subtree: true, childList: true, characterData: true });
      }
    });
    await page.clock.runFor(5_000);
    const changes = () =>
      page.evaluate(() => (globalThis as unknown as { changes: string[] }).changes.length);
    expect(await changes()).toBe(0);
    reject(one, 'M_USER_LOCKED');
    await isLit(page, 'locked');
    expect(await said()).toMatch(/^echo is locked\./);
    expect(await changes()).toBe(1);
  });
});
