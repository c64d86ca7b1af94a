import { createActor } from 'xstate';
import { credentials as credentialsOf, credentialsFromEnv } from '../adapters/credentials/index.ts';
import { createAuthFetch, Gate, type GateState } from '../adapters/fetch/index.ts';
import {
  createHomeserver,
  HomeserverAddressError,
  parseHomeserverAddress,
  readRejection,
} from '../adapters/homeserver/index.ts';
import { defaultLoginBudget, memorySessions, SessionKeeper } from '../adapters/sessions/index.ts';
import { authMachine, type AuthTag, type Rejection, wallClock } from '../machines/index.ts';
import { fingerprintOf, viewOf } from '../ports/index.ts';
import { AuthFailedError, AuthStoppedError, CannotRenewError } from './errors.ts';
import type { MatrixAuthEvents } from './events.ts';
import { Listeners } from './listeners.ts';
import type { MatrixAuth } from './matrix-auth.ts';
import type { MatrixAuthOptions } from './options.ts';
import { runRetrying } from './retrying.ts';
import { clientSession, servicesOf, type Surroundings } from './services.ts';
import { detailOf, snapshotOf } from './snapshot.ts';

/**
 * Makes a session that keeps itself signed in. Nothing happens before `start()`.
 * @throws {CredentialsError} if there is nothing, or only half of something, to sign in with
 * @throws {HomeserverAddressError} if the homeserver's address is missing, or is no address
 */
export function createMatrixAuth<Client = undefined>(
  options: MatrixAuthOptions<Client> = {},
): MatrixAuth<Client> {
  const {
    homeserver = process.env['HOMESERVER_URL'],
    credentials = credentialsFromEnv(),
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

  const keeper = new SessionKeeper({
    store: sessions,
    name: sessionName,
    budget: { ...defaultLoginBudget, ...options.loginBudget },
  });
  const listeners = new Listeners(logger);
  let homeserverUrl: URL | undefined;
  let since = Date.now();
  let detail = '';
  let tokenMissingTold = false;
  let unwatch: (() => void) | undefined;
  let stopping: Promise<void> | undefined;

  const send = (event: Parameters<typeof actor.send>[0]) => actor.send(event);
  const rejected = (generation: number, rejection: Rejection) =>
    send({ type: 'token.rejected', generation, rejection });

  const gateFor = (tag: AuthTag) =>
    new Gate({
      state: (): GateState => {
        const snapshot = actor.getSnapshot();
        if (snapshot.hasTag(tag)) return 'open';
        return snapshot.status !== 'active' || snapshot.hasTag('needs-person') ? 'closed' : 'waiting';
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
    refreshTokens,
    deviceDisplayName,
    fetch,
    authFetch,
    homeserverAt: (url) => createHomeserver({ url, fetch, timeoutMs: requestTimeoutMs }),
    onClientDied: () => send({ type: 'client.died' }),
  };

  const actor = createActor(authMachine.provide({ actors: servicesOf(around) }), {
    input: { ...(options.schedule === undefined ? {} : { schedule: options.schedule }) },
    clock: wallClock,
    ...(options.inspect === undefined ? {} : { inspect: options.inspect }),
  });

  function closedError(): Error {
    const { reason } = actor.getSnapshot().context;
    return actor.getSnapshot().matches('failed') && reason !== undefined
      ? new AuthFailedError(reason, around.lastError)
      : new AuthStoppedError();
  }

  actor.subscribe({
    next: (snapshot) => {
      const now = detailOf(snapshot);
      usable.update();
      live.update();
      if (now === detail) return;
      detail = now;
      since = Date.now();
      if (snapshot.matches('failed')) client?.suspend().catch(() => undefined);
      if (snapshot.matches('valid')) around.lastError = undefined;
      listeners.emit('state', snapshotOf(snapshot, since));
    },
    error: (error) => {
      usable.update();
      live.update();
      logger.error(
        `matrix-auth-machine: the machine has stopped by a bug: ${String(error)}. Please report it.`,
      );
    },
  });

  const relayed = ['refreshed', 'logged-in', 'adopted', 'device-changed', 'locked'] as const;
  for (const type of relayed) actor.on(type, (event) => listeners.emit(type, event as never));
  actor.on('warning', (event) => {
    if (listeners.has('warning')) listeners.emit('warning', event);
    else logger.warn(`matrix-auth-machine: ${event.warning.message}`);
  });
  actor.on('failed', (event) => {
    const cause = around.lastError;
    if (listeners.has('failed')) listeners.emit('failed', cause === undefined ? event : { ...event, cause });
    else logger.error(`matrix-auth-machine: ${new AuthFailedError(event.reason, cause).message}`);
  });

  const settled = () =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        const snapshot = actor.getSnapshot();
        if (snapshot.status === 'active' && !snapshot.matches('valid') && !snapshot.matches('failed')) return;
        subscription.unsubscribe();
        if (snapshot.matches('valid')) resolve();
        else reject(closedError());
      };
      const subscription = actor.subscribe({ next: check, error: check, complete: check });
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
          signal: new AbortController().signal,
        });
      },
    });

  const auth: MatrixAuth<Client> = {
    async start() {
      if (stopping !== undefined) throw new AuthStoppedError();
      if (actor.getSnapshot().matches('failed')) send({ type: 'retry' });
      actor.start();
      unwatch ??= keeper.watch(
        (session) => send({ type: 'session.adopted', session: viewOf(session) }),
        // The store may be away for a while; the watch is a hint, and the next refresh reads it anyway.
        () => undefined,
      );
      await settled();
      return client?.client as Client;
    },
    stop() {
      stopping ??= (async () => {
        if (actor.getSnapshot().status === 'active') send({ type: 'stop' });
        actor.stop();
        usable.update();
        live.update();
        unwatch?.();
        await client?.stop();
        await keeper.settled();
      })();
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
      send({ type: 'refresh' });
      if (actor.getSnapshot().matches('valid')) throw new CannotRenewError();
      await settled();
    },
    retry: () => send({ type: 'retry' }),
    provideCredentials(options) {
      around.credentials = credentialsOf(options);
      send({ type: 'credentials.provided', canLogIn: around.credentials.login !== undefined });
    },
    on: (type, handler) => listeners.on(type, handler),
    subscribe(handler) {
      handler(auth.snapshot());
      return listeners.on('state', handler as (event: MatrixAuthEvents['state']) => void);
    },
    snapshot: () => snapshotOf(actor.getSnapshot(), since),
    get client() {
      return client?.client;
    },
    actor,
  };
  return auth;
}
