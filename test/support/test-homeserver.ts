import { startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';
import type { RunningHomeserver, StartHomeserver } from './homeserver.ts';

/** The test homeserver, behind the face that it shares with real Synapse. */
export const startTestHomeserverForTests: StartHomeserver = async ({ directory = [], ...options } = {}) => {
  const users = directory.map(({ name, ...user }) => ({ ...user, names: [name] }));
  return faceOf(await startTestHomeserver({ accessTokenLifetimeMs: 5_000, users, ...options }));
};

export function faceOf(homeserver: TestHomeserver): RunningHomeserver {
  return {
    label: 'test homeserver',
    url: homeserver.url,
    serverName: homeserver.serverName,
    createUser: async (localpart, password, known) => homeserver.createUser(localpart, password, known),
    devices: async (userId) => homeserver.devices(userId),
    deleteDevice: async (userId, deviceId) => homeserver.deleteDevice(userId, deviceId),
    setPassword: async (userId, password, choice) => homeserver.setPassword(userId, password, choice),
    setLocked: async (userId, locked) => homeserver.setLocked(userId, locked),
    setSuspended: async (userId, suspended) => homeserver.setSuspended(userId, suspended),
    deactivate: async (userId) => homeserver.deactivate(userId),
    stop: () => homeserver.stop(),
  };
}
