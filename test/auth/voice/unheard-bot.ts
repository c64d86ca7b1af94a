import { randomBytes } from 'node:crypto';
import { onTestFinished, vi } from 'vitest';
import { createMatrixAuth, credentials } from '../../../src/index.ts';
import {
  startFaultProxy,
  startTestHomeserver,
  type TestHomeserverOptions,
} from '../../../src/testing/index.ts';
import type { SetUp } from './set-ups/set-up.ts';
import { VirtualTime } from './virtual-time.ts';

const LEVELS = ['debug', 'log', 'info', 'warn', 'error'] as const;

/** A bot that nobody listens to, and all that it prints. */
export async function startBot(options: SetUp['options'], homeserverOptions: TestHomeserverOptions = {}) {
  const password = `canary-pw-${randomBytes(6).toString('hex')}`;
  const homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password }],
    ...homeserverOptions,
  });
  const proxy = await startFaultProxy({ target: homeserver.url });
  const printed: string[] = [];
  const output: string[] = [];
  const errorOutput: string[] = [];
  for (const level of LEVELS) {
    vi.spyOn(console, level).mockImplementation((...parts) => {
      const line = parts.map(String).join(' ');
      printed.push(line);
      (level === 'warn' || level === 'error' ? errorOutput : output).push(line);
    });
  }
  onTestFinished(() => void vi.restoreAllMocks());
  const different = await options({ homeserver, proxy, password });
  const time = new VirtualTime();
  const auth = createMatrixAuth<unknown>({
    homeserver: proxy.url,
    credentials: credentials({ username: 'bot', password }),
    ...different,
    fetch: time.counted(different.fetch ?? globalThis.fetch),
  });
  const started = auth.start().then(
    () => undefined,
    (error: unknown) => error,
  );
  onTestFinished(async () => {
    vi.useRealTimers();
    await auth.stop().catch(() => undefined);
    await proxy.stop();
    await homeserver.stop();
  });
  return { auth, homeserver, proxy, printed, output, errorOutput, time, started, password };
}
