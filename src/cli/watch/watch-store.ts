import type { StoreAddress } from '../source/source.ts';
import { openStore, type OpenStore } from '../source/store.ts';
import { type Stored, storedOf } from '../source/stored.ts';
import type { Output } from './output.ts';
import { clock } from '../words.ts';

/** Changes are announced by the store; this is how often it is looked at all the same. */
const LOOK_MS = 2_000;

/** Follows a stored session: a line for each new token. */
export async function watchStore(address: StoreAddress, output: Output): Promise<void> {
  const { signal } = output;
  const store = await openStore(address);
  try {
    let known: string | undefined;
    const look = async () => {
      const stored = storedOf(await store.read(), Date.now());
      const { found, generation, fingerprint, userId, deviceId, expiresAt } = stored;
      const now = JSON.stringify([found, generation, fingerprint, userId, deviceId, expiresAt]);
      if (now === known || signal.aborted) return;
      known = now;
      tell(address, stored, output);
    };
    await look();
    await looking(store, look, output);
  } finally {
    await store.close();
  }
}

/** Looks now and then, one look after the other, until the end. */
async function looking(store: OpenStore, look: () => Promise<void>, { signal, note }: Output): Promise<void> {
  let wake: () => void = () => undefined;
  const unwatch = store.watch(() => wake());
  const end = () => wake();
  signal.addEventListener('abort', end);
  let trouble = '';
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => wake(), LOOK_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (signal.aborted) break;
    try {
      await look();
      trouble = '';
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== trouble) note(`The store could not be read: ${words}`);
      trouble = words;
    }
  }
  signal.removeEventListener('abort', end);
  unwatch();
}

function tell({ session }: StoreAddress, stored: Stored, { json, line }: Output): void {
  const at = Date.now();
  if (json) {
    line(JSON.stringify({ session, at, ...stored }));
    return;
  }
  const { found, generation, fingerprint, userId, expiresAt } = stored;
  const what = !found
    ? 'there is no such session'
    : generation === undefined
      ? 'there is no token yet'
      : `token number ${generation} (${fingerprint}), ${expiresAt === undefined ? 'no end is known' : `expires at ${clock(expiresAt, at)}`}`;
  line(`${clock(at, at)}  ${session}  ${userId ?? ''}  ${what}`.replace(/ {3,}/, '  '));
}
