import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  AuthFailedError,
  createFleet,
  createMatrixAuth,
  memorySessions,
  password,
  type SessionStore,
  SessionStoreError,
  shareSessions,
  type ShareSessionsOptions,
} from '../../../src/index.ts';
import { startTestHomeserver } from '../../../src/testing/index.ts';
import { PASSWORD } from '../make.ts';
import { connectionRefused } from './make.ts';

const LEASE_MS = 500;
const PATIENCE = { timeout: 30_000, interval: 10 };

interface Bot {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const bot = (start: () => Promise<void> = async () => undefined): Bot => ({
  start,
  stop: async () => undefined,
});

/** A process, and what it says. */
function share(options: Partial<ShareSessionsOptions<Bot>>) {
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
  };
  const shared = shareSessions({
    ...{ sessions: lasting(memorySessions()), names: ['a', 'b'], create: () => bot(), leaseMs: LEASE_MS },
    ...{ shares: 1, logger: { info: say, warn: say, error: say } },
    ...options,
  });
  onTestFinished(() => shared.stop());
  return { lines, running: shared.running };
}

/** A store that is not known to be in memory alone. */
function lasting(store: SessionStore): SessionStore {
  return { ...store };
}

describe('shareSessions says', () => {
  test('nothing where nothing is wrong', async () => {
    const { lines, running } = share({});
    await vi.waitFor(() => expect(running.size).toBe(2), PATIENCE);
    expect(lines).toEqual([]);
  });

  test('that there are no names', () => {
    expect(share({ names: [] }).lines).toEqual([expect.stringContaining('"names" is empty')]);
  });

  test('that a name is there twice, and runs it once', async () => {
    const made: string[] = [];
    const create = (name: string) => {
      made.push(name);
      return bot();
    };
    const { lines, running } = share({ names: ['a', 'b', 'a'], create });
    await vi.waitFor(() => expect([...running.keys()].toSorted()).toEqual(['a', 'b']), PATIENCE);
    expect(made.toSorted()).toEqual(['a', 'b']);
    expect(lines).toEqual([expect.stringContaining('"a" is in "names" twice, and runs once')]);
  });

  test('that no other process sees the store in memory', () => {
    expect(share({ sessions: memorySessions() }).lines).toEqual([
      expect.stringContaining('postgresSessions()'),
    ]);
  });

  test('once that the store does not answer, and that it does again', async () => {
    let away = true;
    const store = memorySessions();
    const read: SessionStore['read'] = async (name, kind) => {
      if (away) throw new SessionStoreError('The database is away.', { permanent: false });
      return store.read(name, kind);
    };
    const { lines, running } = share({ sessions: { ...store, read }, shares: 4 });
    await vi.waitFor(() => expect(lines).toHaveLength(1), PATIENCE);
    expect(lines[0]).toContain('The database is away.');
    expect(running.size).toBe(0);
    away = false;
    await vi.waitFor(() => expect(running.size).toBe(2), PATIENCE);
    expect(lines).toEqual([expect.anything(), expect.stringContaining('answers again')]);
  });

  test('that what it was given is no session store', async () => {
    const { lines } = share({ sessions: {} as SessionStore });
    await vi.waitFor(() => expect(lines).toEqual([expect.stringContaining('does not answer')]), PATIENCE);
  });

  test('that another fleet of other names uses the same store', async () => {
    const sessions = lasting(memorySessions());
    const one = share({ sessions, names: ['a', 'b'] });
    await vi.waitFor(() => expect(one.running.size).toBe(2), PATIENCE);
    const other = share({ sessions, names: ['c'] });
    await vi.waitFor(
      () => expect(other.lines).toEqual([expect.stringContaining('has other names')]),
      PATIENCE,
    );
    expect([...one.running.keys()]).toEqual(['a', 'b']);
    expect(one.lines).toEqual([]);
  });

  test('which session could not be made, and leaves it to the session to say why it has failed', async () => {
    const failed = new AuthFailedError('login-refused');
    const { lines, running } = share({
      names: ['unmade', 'failed', 'well'],
      create: (name) => {
        if (name === 'unmade') throw new Error('no password for unmade');
        return bot(async () => {
          if (name === 'failed') throw failed;
        });
      },
    });
    await vi.waitFor(() => expect(running.has('well')).toBe(true), PATIENCE);
    await vi.waitFor(
      () => expect(lines).toEqual([expect.stringContaining('no password for unmade')]),
      PATIENCE,
    );
  });
});

describe('in a fleet', () => {
  test('two sessions on one device are told of each other', async () => {
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: PASSWORD }] });
    onTestFinished(() => homeserver.stop());
    const fleet = createFleet();
    const lines: string[] = [];
    const sessions = ['A', 'B', 'B'].map((deviceId, index) =>
      createMatrixAuth({
        ...{ fleet, homeserver: homeserver.url, sessionName: `bot${index}` },
        credentials: password({ username: 'bot', password: PASSWORD, deviceId }),
        logger: { warn: (line) => lines.push(line), error: (line) => lines.push(line) },
      }),
    );
    onTestFinished(async () => {
      await Promise.all(sessions.map((session) => session.stop()));
    });
    for (const session of sessions) await session.start();
    expect(lines).toEqual([expect.stringMatching(/device-shared: the session "bot1" of this fleet/)]);
    await sessions[1]?.stop();
    await sessions[2]?.refresh();
    expect(lines).toHaveLength(1);
  });

  test('one session with a wrong password fails, with one login, and the others are signed in', async () => {
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: PASSWORD }] });
    onTestFinished(() => homeserver.stop());
    const fleet = createFleet();
    const lines: string[] = [];
    const sessions = Array.from({ length: 10 }, (_, index) =>
      createMatrixAuth({
        ...{ fleet, homeserver: homeserver.url, sessionName: `bot${index}` },
        credentials: password({ username: 'bot', password: index === 3 ? `${PASSWORD}-not` : PASSWORD }),
        logger: { warn: (line) => lines.push(line), error: (line) => lines.push(line) },
      }),
    );
    onTestFinished(async () => {
      await Promise.all(sessions.map((session) => session.stop()));
    });
    const started = await Promise.allSettled(sessions.map((session) => session.start()));
    expect(started.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([3]);
    expect(homeserver.logins).toBe(9);
    expect(lines).toEqual([expect.stringContaining('login-refused')]);
  });

  test('sessions of a homeserver that is away hold up none of another', async () => {
    const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: PASSWORD }] });
    onTestFinished(() => homeserver.stop());
    const fleet = createFleet();
    const away = 'https://away.example.org';
    // More of them are away than are started at once.
    const names = Array.from({ length: 40 }, (_, index) => `${index < 30 ? 'away' : 'there'}${index}`);
    const shared = shareSessions({
      ...{ sessions: memorySessions(), names, leaseMs: LEASE_MS, shares: 1, logger: false },
      create: (name) =>
        createMatrixAuth({
          ...{ fleet, sessionName: name, logger: false },
          homeserver: name.startsWith('away') ? away : homeserver.url,
          credentials: password({ username: 'bot', password: PASSWORD }),
          fetch: async (input, init) => {
            if (new Request(input).url.startsWith(away)) throw connectionRefused();
            return fetch(input, init);
          },
        }),
    });
    onTestFinished(() => shared.stop());
    const signedIn = () =>
      [...shared.running].filter(([, session]) => session.snapshot().state === 'valid').map(([name]) => name);
    await vi.waitFor(
      () => expect(signedIn()).toEqual(names.filter((name) => name.startsWith('there'))),
      PATIENCE,
    );
    expect(fleet.traffic.find((traffic) => traffic.homeserver === away)?.away).toBe(true);
  });
});
