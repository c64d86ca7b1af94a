import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { describeWhereThereIs } from '../support/where-there-is.ts';
import { chromiumOrReason } from './chromium.ts';

const browser = await chromiumOrReason();

export interface Visit {
  readonly page: Page;
  /** What the console said, and what was thrown. */
  readonly complaints: readonly string[];
  /** The addresses of everything that was asked for. */
  readonly requests: readonly string[];
}

export interface InChromium {
  /** A tab of its own, with nothing remembered. It is closed at the end of the test. */
  readonly tab: (options?: BrowserContextOptions) => Promise<Visit>;
}

/**
 * Runs a suite in a real Chromium. Where none starts it is skipped, with the reason in its name; with `CI=true` it
 * fails instead.
 */
export function describeInChromium(name: string, suite: (chromium: InChromium) => void): void {
  const missing = typeof browser === 'string' ? browser : undefined;
  describeWhereThereIs('Chromium', missing, name, {}, () => {
    afterAll(async () => {
      if (typeof browser !== 'string') await browser.close();
    });
    suite({ tab: (options) => tabOf(browser as Browser, options) });
  });
}

async function tabOf(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => requests.push(request.url()));
  return { page, complaints, requests };
}
