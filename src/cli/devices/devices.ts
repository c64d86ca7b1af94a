import { defaultCredentials, CredentialsError } from '../../adapters/credentials/index.ts';
import { type Device, listDevices } from '../../adapters/homeserver/index.ts';
import { createMatrixAuth } from '../../auth/create-matrix-auth.ts';
import { rejectionText } from '../../machines/index.ts';
import { type Credentials, Secret } from '../../ports/index.ts';
import { RefusedError, UsageError } from '../errors.ts';
import { homeserverOf } from '../session/homeserver-of.ts';
import { startSession } from '../session/start-session.ts';
import type { StoreAddress } from '../source/source.ts';
import { openSessions, type OpenSessions, told } from '../source/store.ts';
import { storeAddressOf, type StoreOptions } from '../source/store-option.ts';
import { oneLine } from '../words.ts';
import { devicesText } from './devices-text.ts';
import { remove } from './remove.ts';

export interface DevicesOptions extends StoreOptions {
  readonly remove?: true;
  readonly unusedFor: string;
  readonly passwordStdin?: true;
  readonly json?: true;
}

/** A device, and what is known of it here. */
export interface KnownDevice extends Device {
  /** `this`: of this session; `stored`: of another session in the store. */
  readonly session?: 'this' | 'stored';
  /** Its id is of the form that this module gives. */
  readonly ours: boolean;
  /** It is ours, of no session that is known, and was not used for long. */
  readonly stale: boolean;
}

const DAY_MS = 86_400_000;
const OURS = /^MAM(DOCTOR)?[0-9A-F]{12}$/;

/**
 * Lists the account's devices, and removes stale ones where that is asked for. Returns the exit code.
 * @throws {RefusedError} {@link UnreachableError} {@link UsageError} {@link InterruptedError}
 */
export async function devices(server: string | undefined, options: DevicesOptions): Promise<number> {
  const unusedForMs = daysOf(options.unusedFor) * DAY_MS;
  const address = storeAddressOf(options);
  const store = address && (await openSessions(address));
  try {
    return await ofSession(server, options, { address, store, unusedForMs });
  } finally {
    await store?.close();
  }
}

interface Context {
  readonly address: StoreAddress | undefined;
  readonly store: OpenSessions | undefined;
  readonly unusedForMs: number;
}

async function ofSession(
  server: string | undefined,
  options: DevicesOptions,
  { address, store, unusedForMs }: Context,
): Promise<number> {
  const name = address?.session ?? 'default';
  const stored = store && (await told(() => store.sessions.read(name, 'session')))?.session;
  const url = await homeserverOf(server, stored?.userId);
  const auth = createMatrixAuth({
    homeserver: url,
    credentials: stored === undefined ? credentialsHere() : {},
    ...(store === undefined ? {} : { sessions: store.sessions }),
    sessionName: name,
    logger: false,
  });
  try {
    await startSession(auth);
    const { userId = '', deviceId } = auth.snapshot();
    const token = new Secret(await auth.accessToken());
    const answer = await listDevices({ url, timeoutMs: 30_000 }, token);
    if (!answer.ok) {
      throw new RefusedError(
        `The homeserver does not tell the account's devices (${oneLine(rejectionText(answer.rejection))}).`,
      );
    }
    const others = store === undefined ? [] : await storedDevices(store);
    const found = known(answer.value, { deviceId, others, before: Date.now() - unusedForMs });
    const stale = found.filter((device) => device.stale).map((device) => device.deviceId);
    const wanted = options.remove === true && stale.length > 0;
    if (wanted) await remove({ url, token, userId, deviceIds: stale }, options);
    const removed = wanted ? stale : [];
    const report = { now: Date.now(), userId, devices: found, removed };
    process.stdout.write(
      options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : devicesText(report, options),
    );
    return 0;
  } finally {
    await auth.stop();
  }
}

function credentialsHere(): Credentials {
  try {
    return defaultCredentials(false);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    throw new UsageError(`${error.message} Or name a session store with --store.`);
  }
}

/** The devices of all sessions in the store. */
async function storedDevices({ sessions }: OpenSessions): Promise<string[]> {
  const names = await told(() => sessions.list());
  const found: string[] = [];
  for (const name of names) {
    const record = await told(() => sessions.read(name, 'session'));
    found.push(...[record?.session?.deviceId, record?.deviceId].filter((id) => id !== undefined));
  }
  return found;
}

function known(
  devices: readonly Device[],
  {
    deviceId,
    others,
    before,
  }: { readonly deviceId: string | undefined; readonly others: readonly string[]; readonly before: number },
): KnownDevice[] {
  return devices
    .map((device): KnownDevice => {
      const session =
        device.deviceId === deviceId ? 'this' : others.includes(device.deviceId) ? 'stored' : undefined;
      const ours = OURS.test(device.deviceId);
      // One whose last use is not known may be in use.
      const unused = device.lastSeenAt !== undefined && device.lastSeenAt < before;
      return {
        ...device,
        ...(session === undefined ? {} : { session }),
        ours,
        stale: ours && session === undefined && unused,
      };
    })
    .toSorted((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0));
}

function daysOf(text: string): number {
  const days = Number(text);
  if (text.trim() === '' || !Number.isFinite(days) || days < 0) {
    throw new UsageError('--unused-for is a number of days, such as 30.');
  }
  return days;
}
