import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { withLock } from '../synapse/lock.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** Starts the Chromium that comes with `@sparticuz/chromium`; it is unpacked once, by whoever comes first. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await withLock(join(tmpdir(), 'matrix-auth-machine-chromium.lock'), 120_000, () =>
    chromium.executablePath(),
  );
  if (!existsSync(executablePath)) throw new Error('Chromium could not be unpacked');
  return playwright.launch({ executablePath, args: flags, headless: true });
}

/** The browser, or why there is none. */
export async function chromiumOrReason(): Promise<Browser | string> {
  try {
    return await launchChromium();
  } catch (error) {
    return error instanceof Error
      ? (error.message.split('\n', 1)[0] ?? error.name)
      : 'Chromium did not start';
  }
}
