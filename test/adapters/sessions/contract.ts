import { describe, it } from 'vitest';
import { describeSessionStore as describeStore, type OpenedStores } from '../../../src/testing/index.ts';

/** What every session store has to do. */
export function describeSessionStore(name: string, open: () => Promise<OpenedStores>): void {
  describeStore(name, open, { runner: { describe, it } });
}
