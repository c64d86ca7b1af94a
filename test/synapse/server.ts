import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import type { RunningHomeserver } from '../support/homeserver.ts';
import { askOffice } from '../support/office.ts';
import { createAdmin, type SynapseAdmin } from './admin.ts';
import { type GuardedChild, spawnGuarded } from './child.ts';
import { forked, type Order } from './forks.ts';
import { SERVER_NAME, type SynapseOptions, writeConfig } from './config.ts';
import { ensureSynapse } from './install.ts';
import { pythonOf } from './python.ts';

const DevicesAnswer = v.object({ devices: v.array(v.object({ device_id: v.string() })) });

const STARTS = 3;
const READY_POLL_MS = 50;
const READY_POLLS = 600;

/**
 * Starts real Synapse on a free port of 127.0.0.1, on an empty database in a temporary folder. It dies with
 * this process. Rejects when Synapse cannot be had on this machine or does not start.
 */
export const startSynapse = (options: SynapseOptions = {}): Promise<RunningHomeserver> =>
  startSynapseWith(options, async ({ label, url, registrationSecret, child }) =>
    // Only the server that was started here knows the secret: this also proves that the port is its own.
    homeserver(label, url, await createAdmin(url, registrationSecret), child),
  );

export interface StartedSynapse {
  readonly label: string;
  readonly url: string;
  readonly registrationSecret: string;
  readonly child: GuardedChild;
}

/** Starts real Synapse and makes something of it; it is stopped where that fails. */
export async function startSynapseWith<T>(
  options: SynapseOptions,
  use: (started: StartedSynapse) => Promise<T>,
): Promise<T> {
  const installation = await ensureSynapse();
  if ('unavailable' in installation) {
    throw new Error(`Synapse cannot be had on this machine: ${installation.unavailable}.`);
  }
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(installation, options, use);
    } catch (error) {
      // Between choosing the port and binding it, another process can take it, and even answer there.
      if (start === STARTS) throw error;
    }
  }
}

async function startOnce<T>(
  installation: { readonly root: string; readonly version: string },
  options: SynapseOptions,
  use: (started: StartedSynapse) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-synapse-'));
  const logFile = join(folder, 'homeserver.log');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const registrationSecret = randomBytes(32).toString('hex');
  const config = await writeConfig(folder, port, registrationSecret, options);
  const child = await startProcess(installation.root, { folder, config, log: logFile });
  try {
    await untilReady(url, child);
    return await use({ label: `Synapse ${installation.version}`, url, registrationSecret, child });
  } catch (error) {
    const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-30);
    await child.stop();
    throw new Error(`Synapse did not start. The end of its log:\n${lines.join('\n')}`, { cause: error });
  }
}

/** Forks the Synapse that the tests of a run share, where there is one; it is quicker. */
async function startProcess(root: string, order: Order): Promise<GuardedChild> {
  const { folder, config, log } = order;
  const answer = await askOffice<number>('synapse', order);
  if ('given' in answer) return forked(answer.given, folder);
  const { command, args, env } = pythonOf(root);
  return spawnGuarded(folder, command, [...args, '-m', 'synapse.app.homeserver', '-c', config], {
    // Modules that a test gives it are in its folder.
    env: { ...env, PYTHONPATH: `${env['PYTHONPATH']}:${folder}` },
    logFile: log,
  });
}

function homeserver(label: string, url: string, admin: SynapseAdmin, child: GuardedChild): RunningHomeserver {
  const user = (version: 'v1' | 'v2', userId: string) =>
    `/_synapse/admin/${version}/users/${encodeURIComponent(userId)}`;
  return {
    label,
    url,
    serverName: SERVER_NAME,
    createUser: async (localpart, password, { emails = [], phones = [] } = {}) => {
      const userId = `@${localpart}:${SERVER_NAME}`;
      const threepids = [
        ...emails.map((address) => ({ medium: 'email', address })),
        ...phones.map((address) => ({ medium: 'msisdn', address })),
      ];
      await admin.request('PUT', user('v2', userId), {
        password,
        ...(threepids.length === 0 ? {} : { threepids }),
      });
      return { userId };
    },
    devices: async (userId) => {
      const answer = v.parse(DevicesAnswer, await admin.request('GET', `${user('v2', userId)}/devices`));
      return answer.devices.map((device) => device.device_id);
    },
    deleteDevice: async (userId, deviceId) => {
      await admin.request('DELETE', `${user('v2', userId)}/devices/${encodeURIComponent(deviceId)}`);
    },
    setPassword: async (userId, password, { logoutDevices = true } = {}) => {
      await admin.request('POST', `/_synapse/admin/v1/reset_password/${encodeURIComponent(userId)}`, {
        new_password: password,
        logout_devices: logoutDevices,
      });
    },
    setLocked: async (userId, locked) => {
      await admin.request('PUT', user('v2', userId), { locked });
    },
    setSuspended: async (userId, suspend) => {
      await admin.request('PUT', `/_synapse/admin/v1/suspend/${encodeURIComponent(userId)}`, { suspend });
    },
    deactivate: async (userId) => {
      await admin.request('POST', `/_synapse/admin/v1/deactivate/${encodeURIComponent(userId)}`, {
        erase: false,
      });
    },
    stop: () => child.stop(),
  };
}

async function untilReady(url: string, child: GuardedChild): Promise<void> {
  for (let poll = 0; poll < READY_POLLS; poll += 1) {
    if (child.ended()) throw new Error('Its process ended.');
    const response = await fetch(`${url}/_matrix/client/versions`, {
      signal: AbortSignal.timeout(2000),
    }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok === true) return;
    await delay(READY_POLL_MS);
  }
  throw new Error(`It did not answer within ${(READY_POLLS * READY_POLL_MS) / 1000} s.`);
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('The probe has no port.');
  return address.port;
}
