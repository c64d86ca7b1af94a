import { inspect } from 'node:util';
import { createActor } from 'xstate';
import { credentials as credentialsOf, defaultCredentials } from '../adapters/credentials/index.ts';
import { createAuthFetch, Gate, type GateState } from '../adapters/fetch/index.ts';
import {
  createHomeserver,
  HomeserverAddressError,
  parseHomeserverAddress,
  readRejection,
} from '../adapters/homeserver/index.ts';
import { Leadership, memorySessions } from '../adapters/sessions/index.ts';
import { type AuthTag, statePath, type Rejection, wallClock } from '../machines/index.ts';
import { fingerprintOf, viewOf } from '../ports/index.ts';
import { announce } from './announce.ts';
import { AuthFailedError, AuthStoppedError, CannotRenewError } from './errors.ts';
import { tellFrames } from './frames.ts';
import { Listeners } from './listeners.ts';
import { makeKeeper } from './make-keeper.ts';
import type { MatrixAuth } from './matrix-auth.ts';
import type { MatrixAuthOptions } from './options.ts';
import { runRetrying } from './retrying.ts';
import { clientSession, machine, serve, servicesOf, type Surroundings } from './services.ts';
import { snapshotOf } from '../observe/index.ts';

/**
 * Makes a session that keeps itself signed in. Nothing happens before `start()`.
 * @throws {CredentialsError} if there is only half of something to sign in with; or nothing, and no `sessions` either
 * @throws {HomeserverAddressError} if the homeserver's address is missing, or is no address
 */
export function createMatrixAuth<Client = undefined>(
  options: MatrixAuthOptions<Client> = {},
): MatrixAuth<Client> {
  const {
    homeserver = process.env['HOMESERVER_URL'],
    credentials = defaultCredentials(options.sessions !== undefined),
    sessions = memorySessions(),
    sessionName = 'default',
    client,
    refreshTokens = true,
    deviceDisplayName = 'matrix-auth-machine',
    fetch = globalThis.fetch,
    logger = console,
    requestTimeoutMs = 30_000,
  } = options;
  if (homeserver === undefined || homeserver.trim() === '') {
    throw new HomeserverAddressError(
      'The homeserver is not known. Set HOMESERVER_URL, or the option "homeserver", to its base URL, such as https://matrix.example.org, or to its server name.',
    );
  }

  const listeners = new Listeners(logger);
  const urgent = () => !actor.getSnapshot().hasTag('usable');
  const keeper = makeKeeper(options, { store: sessions, name: sessionName, urgent });
  const leadership =
    options.leader === true
      ? new Leadership({
          store: sessions,
          name: sessionName,
          leaseMs: options.leaseMs ?? 3_000,
          onChange: (leading) => {
            if (started) send({ type: 'leadership.changed' });
            listeners.emit('leader', { type: 'leader', leading });
          },
        })
      : undefined;
  let homeserverUrl: URL | undefined;
  let since = Date.now();
  let detail = '';
  let tokenMissingTold = false;
  let started = false;
  let unwatch: (() => void) | undefined;
  let stopping: Promise<void> | undefined;

  /** Events that come after the end are nobody's any more. */
  const send = (event: Parameters<typeof actor.send>[0]) => {
    if (stopping === undefined && actor.getSnapshot().status === 'active') actor.send(event);
  };
  const rejected = (generation: number, rejection: Rejection) =>
    send({ type: 'token.rejected', generation, rejection });

  const gateFor = (tag: AuthTag) =>
    new Gate({
      state: (): GateState => {
        const snapshot = actor.getSnapshot();
        if (stopping !== undefined || snapshot.status !== 'active') return 'stopped';
        if (snapshot.hasTag(tag)) return 'open';
        return snapshot.hasTag('needs-person') ? 'failed' : 'waiting';
      },
      closedError: () => closedError(),
      ...(options.maxHeld === undefined ? {} : { maxHeld: options.maxHeld }),
      ...(options.maxHeldMs === undefined ? {} : { maxHeldMs: options.maxHeldMs }),
    });
  const usable = gateFor('usable');
  const live = gateFor('live');

  const authFetch = createAuthFetch({
    homeserver: () => homeserverUrl,
    gate: usable,
    token: () =>
      keeper.current && { value: keeper.current.accessToken.reveal(), generation: keeper.current.generation },
    isOurs: (bearer) => keeper.isOurs(fingerprintOf(bearer)),
    readRejection,
    onRejected: rejected,
    onProven: (generation) => {
      send({ type: 'token.confirmed', generation });
      // The store may be away: then the spent refresh token is kept a little longer, which harms nothing.
      keeper.confirm(generation).catch(() => undefined);
    },
    onTokenMissing: () => {
      if (tokenMissingTold) return;
      tokenMissingTold = true;
      logger.warn(
        'matrix-auth-machine: the homeserver answered M_MISSING_TOKEN to a request that carried its token. ' +
          'Most likely a proxy in front of it strips the Authorization header; let it pass the header on. The answer went to the caller.',
      );
    },
    fetch,
  });

  const around: Surroundings<Client> = {
    address: parseHomeserverAddress(homeserver),
    get url() {
      return homeserverUrl?.href.replace(/\/$/, '');
    },
    set url(url) {
      homeserverUrl = url === undefined ? undefined : new URL(url);
    },
    credentials,
    lastError: undefined,
    keeper,
    sessionName,
    client,
    passive: () => leadership?.leading === false,
    refreshTokens,
    deviceDisplayName,
    fetch,
    authFetch,
    homeserverAt: (url) => createHomeserver({ url, fetch, timeoutMs: requestTimeoutMs }),
    onClientDied: () => send({ type: 'client.died' }),
    onNewSession: (session) => send({ type: 'session.adopted', session }),
  };

  const actor = createActor(machine, {
    input: { ...(options.schedule === undefined ? {} : { schedule: options.schedule }) },
    clock: wallClock,
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
  });
  serve(actor, servicesOf(around));

  function closedError(): Error {
    const { failureReason: reason } = actor.getSnapshot().context;
    return usable.state === 'failed' && reason !== undefined
      ? new AuthFailedError(reason, around.lastError)
      : new AuthStoppedError();
  }

  /** Who waits for a change of the state, the end included. */
  const changes = new Set<() => void>([() => usable.update(), () => live.update()]);
  const changed = () => {
    for (const tell of [...changes]) tell();
  };
  actor.subscribe({
    next: (snapshot) => {
      const now = statePath(snapshot.value);
      changed();
      if (now === detail) return;
      detail = now;
      since = Date.now();
      if (snapshot.matches('failed')) client?.suspend().catch(() => undefined);
      if (snapshot.matches('valid')) around.lastError = undefined;
      listeners.emit('state', snapshotOf(snapshot, since));
    },
    error: (error) => {
      changed();
      logger.error(
        `matrix-auth-machine: the machine has stopped by a bug: ${String(error)}. Please report it.`,
      );
    },
  });

  announce(actor, listeners, logger, () => around.lastError);

  /** Resolves in `valid`; rejects when it is failed or stopped. */
  const settled = () =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        const done = actor.getSnapshot().matches('valid') && usable.state === 'open';
        if (!done && usable.state !== 'failed' && usable.state !== 'stopped') return;
        changes.delete(check);
        if (done) resolve();
        else reject(closedError());
      };
      changes.add(check);
      check();
    });

  const running = <T>(work: () => T | Promise<T>) =>
    runRetrying(work, {
      gate: live,
      generation: () => keeper.current?.generation ?? 0,
      onRejected: rejected,
      restoreToken: async () => {
        await client?.connect(clientSession(around), {
          replace: false,
          passive: around.passive(),
          signal: new AbortController().signal,
        });
      },
    });

  async function stop(): Promise<void> {
    // Whoever calls this may be a listener, in the midst of a change: let that come to its end first.
    await Promise.resolve();
    if (started) actor.send({ type: 'stop' });
    else actor.stop();
    changed();
    unwatch?.();
    try {
      await client?.stop();
    } finally {
      // Whoever takes over is not to meet the client still at work.
      await leadership?.stop();
      await keeper.close();
    }
  }

  const auth: MatrixAuth<Client> & { [inspect.custom](): unknown; toJSON(): unknown } = {
    async start() {
      if (stopping !== undefined) throw new AuthStoppedError();
      if (actor.getSnapshot().matches('failed')) send({ type: 'retry' });
      if (!started) {
        await leadership?.start();
        if (stopping !== undefined) throw new AuthStoppedError();
        started = true;
        actor.start();
      }
      unwatch ??= keeper.watch(
        (session) => send({ type: 'session.adopted', session: viewOf(session) }),
        // The store may be away for a while; the watch is a hint, and the next refresh reads it anyway.
        () => undefined,
      );
      await settled();
      return client?.client as Client;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
    run: (work) => running(() => work(client?.client as Client)),
    withTokenRefresh:
      (work) =>
      (...args) =>
        running(() => work(...args)),
    fetch: authFetch,
    async accessToken() {
      await usable.pass(undefined, Date.now());
      return (keeper.current as NonNullable<typeof keeper.current>).accessToken.reveal();
    },
    async refresh() {
      await live.pass(undefined, Date.now());
      const { session } = actor.getSnapshot().context;
      send({ type: 'refresh' });
      await settled();
      if (actor.getSnapshot().context.session?.generation === session?.generation)
        throw new CannotRenewError();
    },
    retry: () => send({ type: 'retry' }),
    provideCredentials(options) {
      around.credentials = credentialsOf(options);
      send({
        type: 'credentials.provided',
        canLogIn: around.credentials.login !== undefined,
        token: around.credentials.accessToken !== undefined,
      });
    },
    on: (type, handler) => listeners.on(type, handler),
    subscribe(handler) {
      handler(auth.snapshot());
      return listeners.on('state', handler);
    },
    snapshot: () => {
      const snapshot = snapshotOf(actor.getSnapshot(), since);
      return stopping === undefined ? snapshot : { ...snapshot, state: 'stopped', detail: 'stopped' };
    },
    // What is printed of a session is its state; the client, for one, holds its token in plain sight.
    [inspect.custom]: () => ({ MatrixAuth: auth.snapshot() }),
    toJSON: () => auth.snapshot(),
    get held() {
      return usable.held;
    },
    get client() {
      return client?.client;
    },
    actor,
  };
  tellFrames(auth, sessionName, listeners);
  return auth;
}
