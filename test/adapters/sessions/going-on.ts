import { onTestFinished } from 'vitest';
import { SessionKeeper } from '../../../src/adapters/sessions/index.ts';
import type { StoredSession } from '../../../src/ports/index.ts';
import { interruptible, name, session, storeWith, nobody } from './keeper-fixtures.ts';

export const budget = { burst: 100, perMs: 1 };

/** A keeper that goes on without its store, and has restored generation 1. */
export async function goingOn() {
  const inner = await storeWith({ session: session(1) });
  const place = interruptible(inner);
  const circumstances = { urgent: true };
  const keeper = new SessionKeeper({
    store: place.store,
    name,
    budget,
    withoutStore: () => circumstances.urgent,
  });
  // Its timer would come up in another test.
  onTestFinished(async () => {
    await keeper.close();
  });
  await keeper.restore({}, nobody);
  const newer: StoredSession[] = [];
  const errors: unknown[] = [];
  let heard = Promise.withResolvers<void>();
  const unwatch = keeper.watch({
    onNewSession(one) {
      newer.push(one);
      heard.resolve();
      heard = Promise.withResolvers();
    },
    onLoggedOut() {},
    onError: (error) => errors.push(error),
  });
  return { inner, place, circumstances, keeper, newer, errors, unwatch, heardOfNewer: () => heard.promise };
}
