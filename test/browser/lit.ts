import type { Page } from 'playwright-core';
import type { Observer } from '../../src/observe/index.ts';

interface Lit {
  readonly state: string;
  /** When the next picture with it was painted, in ms since the epoch. */
  readonly at: number;
}

/** Notes in the page itself which state is lit, and when. To be called before the page is opened. */
export async function noteLights(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const lights: Lit[] = [];
    Object.assign(globalThis, { lights });
    const look = () => {
      const state = document.querySelector<SVGGElement>('.wide .state.lit')?.dataset['state'] ?? '';
      if (state === (lights.at(-1)?.state ?? '')) return;
      const light = { state, at: 0 };
      lights.push(light);
      requestAnimationFrame(() => {
        light.at = Date.now();
      });
    };
    document.addEventListener('DOMContentLoaded', () => {
      const options = { subtree: true, attributes: true, attributeFilter: ['class'] };
      new MutationObserver(look).observe(document.body, options);
    });
  });
}

export function lights(page: Page): Promise<readonly Lit[]> {
  return page.evaluate(() => (globalThis as unknown as { lights: Lit[] }).lights);
}

/** Waits until this state is lit. */
export async function isLit(page: Page, state: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelector<SVGGElement>('.wide .state.lit')?.dataset['state'] === wanted,
    state,
  );
}

/** How long after its transition each state was lit, in ms. Both clocks are this machine's. */
export function delaysOf(noted: readonly Lit[], observer: Observer): number[] {
  return noted.flatMap(({ state, at }) => {
    const entered = observer.frames.filter((frame) => frame.state === state && frame.at <= at).at(-1);
    return entered === undefined || at === 0 ? [] : [at - entered.at];
  });
}
