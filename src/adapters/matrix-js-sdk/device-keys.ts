import {
  type ClientSession,
  type CryptoDevice,
  CryptoMismatchError,
  type DeviceCrypto,
} from '../../ports/index.ts';
import { abortable, pause } from '../sync/index.ts';

type Session = ClientSession & CryptoDevice;

/** The public keys of a device. */
export interface IdentityKeys {
  readonly ed25519: string;
  readonly curve25519: string;
}

const never = new Promise<never>(() => {});

const LONGEST_WAIT_MS = 30_000;

/** How long a start waits for the one-time keys of a new device. */
const UPLOAD_LIMIT_MS = 10_000;
const UPLOAD_POLL_MS = 100;

/**
 * Makes sure that the homeserver and the crypto store speak of the same keys, before anything is sent or read with them.
 * Keys that the homeserver has forgotten, as it does when a device is deleted, are uploaded again.
 * @param own the keys that the store has; `undefined` if it has none yet
 * @returns whether the homeserver had them already
 * @throws {CryptoMismatchError} the device has other keys there; the signal's reason
 */
export async function agreeOnKeys(
  session: Session,
  crypto: DeviceCrypto,
  own: IdentityKeys | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const there = await keysAtHomeserver(session, signal);
  const { deviceId } = session;
  if (there === undefined) {
    if (crypto.uploadedKeys !== undefined) await ask(session, '/keys/upload', crypto.uploadedKeys, signal);
    return false;
  }
  if (own === undefined)
    throw new CryptoMismatchError(session, 'the crypto store has no keys of this device');
  const same =
    there[`ed25519:${deviceId}`] === own.ed25519 && there[`curve25519:${deviceId}`] === own.curve25519;
  if (!same) throw new CryptoMismatchError(session, 'the crypto store has other keys of this device');
  return true;
}

/**
 * Resolves when others can encrypt for a new device, which takes its one-time keys: a homeserver may store them after
 * the device's own keys. Goes on without them after 10 s.
 * @throws the signal's reason
 */
export async function oneTimeKeysUploaded(session: Session, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(UPLOAD_LIMIT_MS);
  const either = AbortSignal.any([signal, limit]);
  try {
    while (!(await hasOneTimeKeys(session, either))) await pause(UPLOAD_POLL_MS, either);
  } catch {
    signal.throwIfAborted();
  }
}

async function hasOneTimeKeys(session: Session, signal: AbortSignal): Promise<boolean> {
  const { one_time_key_counts: counts = {} } = (await ask(session, '/keys/upload', '{}', signal)) as {
    readonly one_time_key_counts?: Readonly<Record<string, number>>;
  };
  return Object.values(counts).some((count) => count > 0);
}

/**
 * The same `fetch`; the public keys of the device are kept in the store before they are uploaded.
 * @param retired aborts when the client is to end
 */
export function keepingUploads(
  fetch: typeof globalThis.fetch,
  crypto: DeviceCrypto,
  retired: AbortSignal,
): typeof globalThis.fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (/\/keys\/upload(\?|$)/.test(url) && typeof init?.body === 'string') {
      const { device_keys: deviceKeys } = JSON.parse(init.body) as { readonly device_keys?: unknown };
      if (deviceKeys !== undefined) crypto.saveUploadedKeys(JSON.stringify({ device_keys: deviceKeys }));
    }
    const response = await fetch(input, init);
    // The SDK would go on with keys that are closed, in a promise that nobody handles.
    return retired.aborted && url.includes('/room_keys/') ? never : response;
  };
}

async function keysAtHomeserver(
  session: Session,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { userId, deviceId } = session;
  const body = JSON.stringify({ device_keys: { [userId]: [deviceId] } });
  const answer = (await ask(session, '/keys/query', body, signal)) as {
    readonly device_keys?: Record<string, Record<string, { readonly keys?: Record<string, unknown> }>>;
  };
  return answer.device_keys?.[userId]?.[deviceId]?.keys;
}

/** Asks until there is an answer. @throws the signal's reason */
async function ask(session: Session, path: string, body: string, signal: AbortSignal): Promise<unknown> {
  const url = `${session.homeserverUrl}/_matrix/client/v3${path}`;
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' }, signal };
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const response = await abortable(session.fetch(url, init), signal);
      const answer: unknown = await response.json();
      if (response.ok && typeof answer === 'object' && answer !== null) return answer;
    } catch {
      signal.throwIfAborted();
    }
    await pause(waitMs, signal);
  }
}
