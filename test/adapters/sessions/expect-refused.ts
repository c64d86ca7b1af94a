import { expect } from 'vitest';
import type { SessionStore } from '../../../src/ports/index.ts';
import { rotate } from './records.ts';

/** Neither reading nor changing a session works, and the error says why. */
export async function expectRefused(store: SessionStore, permanent: boolean, message: RegExp): Promise<void> {
  const expected = { name: 'SessionStoreError', permanent, message: expect.stringMatching(message) };
  await expect(store.read('bot', 'session')).rejects.toMatchObject(expected);
  await expect(rotate(store, 'bot')).rejects.toMatchObject(expected);
}
