import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { programAt } from '../../support/programs.ts';
import type { Place } from './place.ts';

const MAIN = programAt(new URL('./other-process-main.ts', import.meta.url));

function start(place: Place, ...args: string[]): ChildProcess {
  const child = fork(MAIN, [JSON.stringify(place), ...args], { execArgv: [] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  const [code, signal]: unknown[] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The other process ended with ${String(code ?? signal)}.`);
}

/** Another process rotates the session so many times. */
export function rotateElsewhere(place: Place, name: string, times: number): Promise<void> {
  return ended(start(place, 'rotate', name, String(times)));
}

/** Another process claims the session so many times, and rotates it each time. */
export function claimElsewhere(place: Place, name: string, times: number): Promise<void> {
  return ended(start(place, 'claims', name, String(times)));
}

/** Another process watches the session, and has nothing else to do. Resolves when it has ended. */
export function watchElsewhere(place: Place, name: string): Promise<void> {
  return ended(start(place, 'watch', name));
}

export interface Holder {
  /** Ends it by SIGKILL, which it cannot react to. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP: it does nothing until it is woken. */
  readonly suspend: () => void;
  readonly wake: () => void;
  /** Resolves when it says that. */
  readonly says: (what: 'lost') => Promise<void>;
}

/** Another process that holds the claim, and never gives it back. */
export async function holdElsewhere(place: Place, name: string, leaseMs = 60_000): Promise<Holder> {
  const child = start(place, 'hold', name, String(leaseMs));
  const gone = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    gone.then(() => {
      throw new Error('The other process ended before it held the session.');
    }),
  ]);
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    suspend: () => child.kill('SIGSTOP'),
    wake: () => child.kill('SIGCONT'),
    says: async (what) => {
      const [said]: unknown[] = await once(child, 'message');
      if (said !== what) throw new Error(`It said ${String(said)}.`);
    },
  };
}
