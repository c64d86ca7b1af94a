import { writeSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { observe } from '../../src/observe/index.ts';
import { serveAuthPage } from '../../src/page/index.ts';
import { drive } from '../observe/driven.ts';
import { describeInChromium } from './suite.ts';

const names = (page: Page) => page.locator('#bots tr:visible th a').allTextContents();

async function fleet(count: number) {
  const bots = Array.from({ length: count }, (_, index) => {
    const driven = drive();
    driven.signIn({ userId: `@bot${index + 1}:example.org` });
    return { driven, observer: observe(driven, { name: `bot ${index + 1}`, keep: 20 }) };
  });
  const page = await serveAuthPage(bots.map(({ observer }) => observer));
  onTestFinished(() => page.close());
  return { bots, page };
}

describeInChromium('the page of a fleet', ({ tab }) => {
  test('puts those that need somebody first, and keeps up as bots change, come and go', async () => {
    const { bots, page: shown } = await fleet(12);
    const { page, complaints } = await tab();
    await page.goto(shown.url);
    await page.waitForSelector('#bots tr:nth-child(12)');
    expect((await names(page)).slice(0, 3)).toEqual(['bot 1', 'bot 2', 'bot 3']);
    expect(await page.textContent('#sum')).toBe('12 of 12 bots are usable. None needs anybody.');

    const [, , third] = bots;
    const generation = third?.driven.actor.getSnapshot().context.session?.generation;
    const rejection = { endpoint: 'other', status: 401, errcode: 'M_USER_LOCKED' };
    third?.driven.event({ type: 'token.rejected', generation, rejection } as { type: string });
    await page.waitForSelector('#bots tr:first-child:has-text("bot 3")');
    expect(await page.textContent('#sum')).toBe('11 of 12 bots are usable. 1 needs somebody.');
    expect(await page.title()).toBe('1 of 12 bots need somebody');
    expect(await page.textContent('#bots tr:first-child .about')).toMatch(/administrator/);

    const remove = shown.add(observe(drive(), { name: 'a newcomer' }));
    await page.waitForSelector('#bots tr:nth-child(2):has-text("a newcomer")');
    remove();
    await page.waitForSelector('#bots tr:has-text("a newcomer")', { state: 'detached' });
    expect(await page.locator('#bots tr').count()).toBe(12);
    expect(complaints).toEqual([]);
  });

  test('says that nothing is known of the bots when their process is gone', async () => {
    const { page: shown } = await fleet(3);
    const { page } = await tab();
    await page.goto(shown.url);
    await page.waitForSelector('#bots tr:nth-child(3)');
    await shown.close();
    await page.waitForSelector('#sum >> text=/^Nothing is known of these bots since/');
    expect(await page.locator('td.state strong').allTextContents()).toEqual(Array(3).fill('unknown'));
    expect(await page.textContent('#bots tr:first-child .detail')).toBe('was valid');
    expect(await page.title()).toBe('unknown · bots');
  });

  test('on a phone shows only the states that a bot is in', async () => {
    const { page: shown } = await fleet(3);
    const { page } = await tab({ viewport: { width: 360, height: 800 } });
    await page.goto(shown.url);
    await page.waitForSelector('#bots tr:nth-child(3)');
    expect(await page.locator('.chip:visible').allTextContents()).toEqual(['valid 3']);
  });

  test('finds bots by name, user id and state', async () => {
    const { bots, page: shown } = await fleet(12);
    const { page } = await tab();
    await page.goto(shown.url);
    await page.waitForSelector('#bots tr:nth-child(12)');
    await page.fill('#search', 'BOT1');
    expect(await names(page)).toEqual(['bot 1', 'bot 10', 'bot 11', 'bot 12']);
    bots[9]?.driven.event({ type: 'stop' });
    await page.waitForSelector('#bots tr:has-text("stopped")');
    await page.click('button[data-state="stopped"]');
    expect(await names(page)).toEqual(['bot 10']);
    expect(await page.getAttribute('button[data-state="stopped"]', 'aria-pressed')).toBe('true');
    await page.fill('#search', 'nobody');
    expect(await names(page)).toEqual([]);
    expect(await page.isVisible('#none')).toBe(true);
    await page.fill('#search', '');
    await page.click('button[data-state="stopped"]');
    expect(await names(page)).toHaveLength(12);
  });

  test('shows a thousand bots', async () => {
    const { bots, page: shown } = await fleet(1_000);
    const { page } = await tab();
    await page.goto(shown.url);
    await page.waitForSelector('#bots tr:nth-child(1000)', { state: 'attached' });
    const { paint, filled } = await page.evaluate(
      () =>
        new Promise<{ paint: number; filled: number }>((resolve) => {
          requestAnimationFrame(() => {
            const [first] = performance.getEntriesByName('first-contentful-paint');
            resolve({ paint: first?.startTime ?? 0, filled: performance.now() });
          });
        }),
    );
    writeSync(
      1,
      `Live page: 1,000 bots, first paint after ${Math.round(paint)} ms, all of them there within ${Math.round(filled)} ms.\n`,
    );
    bots[500]?.driven.event({ type: 'stop' });
    await page.waitForFunction(() => document.getElementById('sum')?.textContent?.startsWith('999 of 1000'));
  });
});
