import { inspect } from 'node:util';
import { credentials as credentialsOf, defaultCredentials } from '../adapters/credentials/index.ts';
import { createHomeserver, discoverHomeserver } from '../adapters/homeserver/index.ts';
import { LoginNames, memorySessions } from '../adapters/sessions/index.ts';
import { type StoredSession, viewOf } from '../ports/index.ts';
import { clientSessionOf } from './client-session.ts';
import { CannotRenewError } from './errors.ts';
import { fleetSchedule, SessionTurns, trafficOf } from './fleet/index.ts';
import { forwardEvents } from './forward-events.ts';
import { homeserverAddress } from './homeserver-address.ts';
import { bindServices } from './hosted-machine.ts';
import { JoinedConnect } from './joined-connect.ts';
import { Listeners } from './listeners.ts';
import { makeKeeper, makeLeadership } from './make-keeper.ts';
import { makeOutbox } from './make-outbox.ts';
import type { MatrixAuth } from './matrix-auth.ts';
import type { MatrixAuthOptions } from './options.ts';
import { publishFrames } from './publish-frames.ts';
import { renewalServices } from './renewal-services.ts';
import { SessionActor } from './session-actor.ts';
import { SessionLifecycle } from './session-lifecycle.ts';
import { SessionRequests } from './session-requests.ts';
import { SessionRuntime } from './session-runtime.ts';
import { sessionServices } from './session-services.ts';
import { isWays, SignInLadder } from './sign-in-ladder.ts';
import { signInNotices } from './sign-in-notices.ts';
import { fullLogger } from './voice/logger.ts';
import { RequestsUnderWay } from './voice/requests-under-way.ts';
import { Voice } from './voice/voice.ts';

/** A request after many failures in a row may take this many times as long as the first one. */
const LONGEST_PATIENCE = 6;

/**
 * Makes a session that keeps itself signed in. Nothing happens before `start()`.
 * @throws {CredentialsError} if there is only half of something to sign in with; or nothing, and no `sessions` either
 * @throws {HomeserverAddressError} if the homeserver's address is missing, or is no address
 * @example
 * const auth = createMatrixAuth({
 *   homeserver: 'https://matrix.example.org',
 *   credentials: [accessToken({ token: process.env.ACCESS_TOKEN }), password({ username: 'bot', password: process.env.PASSWORD })],
 *   sessions: sqliteSessions('bot.db'),
 *   client: matrixJsSdk({ onClient: (client) => client.on(RoomEvent.Timeline, answer) }),
 * });
 * const client = await auth.start();
 * process.once('SIGTERM', () => auth.stop());
 */
export function createMatrixAuth<Client = undefined>(
  options: MatrixAuthOptions<Client> = {},
): MatrixAuth<Client> {
  const {
    credentials = defaultCredentials(options.sessions !== undefined),
    sessions = memorySessions(),
    sessionName = 'default',
    client,
    refreshTokens = true,
    deviceDisplayName = 'matrix-auth-machine',
    fetch = globalThis.fetch,
    requestTimeoutMs = 10_000,
    stopTimeoutMs = 5_000,
    maxHeld,
    maxHeldMs,
    fleet,
    schedule = {},
    inspect: inspectActor,
  } = options;

  const logger = fullLogger(options.logger);
  const asked = new RequestsUnderWay();
  const runtime = new SessionRuntime(
    homeserverAddress(options.homeserver),
    new SignInLadder(credentials),
    (serverName, signal) => asked.during(discoverHomeserver(serverName, { fetch, signal })),
  );
  const listeners = new Listeners(logger);
  const actor = new SessionActor({
    schedule: fleet === undefined ? schedule : { ...fleetSchedule, ...schedule },
    ...{ inspect: inspectActor, logger, runtime },
  });
  actor.onState((snapshot) => {
    if (snapshot.state === 'failed') client?.suspend().catch(() => undefined);
    listeners.emit('state', snapshot);
  });
  forwardEvents(actor, runtime, listeners, logger);
  const urgent = () => actor.gateState('usable') !== 'open';
  const traffic = fleet && trafficOf(fleet);
  const turns = traffic && new SessionTurns({ urgent, traffic: () => traffic(runtime.knownHomeserverUrl) });
  actor.onState(() => turns?.update());
  const voice = new Voice({ actor, runtime, listeners, logger, asked, turns });
  const keeper = makeKeeper(options, { store: sessions, name: sessionName, urgent });
  const leadership = makeLeadership(options, {
    store: sessions,
    name: sessionName,
    onChange: (leading) => {
      if (actor.started) actor.send({ type: 'leadership.changed' });
      listeners.emit('leader', { type: 'leader', leading });
    },
  });
  const passive = () => leadership?.leading === false;
  const timeoutMs = (failures: number) => requestTimeoutMs * Math.min(2 ** failures, LONGEST_PATIENCE);
  const homeserver = (failures: number) =>
    asked.to(createHomeserver({ url: runtime.knownHomeserverUrl, fetch, timeoutMs: timeoutMs(failures) }));
  const onNewSession = (session: StoredSession) => {
    if (!runtime.loggedOut) actor.send({ type: 'session.adopted', session: viewOf(session) });
  };

  const onLoggedOut = () => {
    runtime.loggedOut = true;
    actor.send({ type: 'logged.out' });
  };

  const requests = new SessionRequests({
    ...{ actor, keeper, runtime, fetch, maxHeld, maxHeldMs, onLoggedOut },
    onDisbelieved: (endpoint) => voice.endpointRefuses(endpoint),
    onTokenMissing: () => voice.tokenMissing(),
  });
  const outbox = makeOutbox(options, {
    ...{
      store: sessions,
      name: sessionName,
      actor,
      keeper,
      runtime,
      client,
      listeners,
      fetch: requests.fetch,
    },
    onUnheard: (message, outcome) => voice.messageNotSent(message, outcome),
  });
  const onDied = () => actor.send({ type: 'client.died' });
  let received = 0;
  const connecting = new JoinedConnect(client, () =>
    clientSessionOf({
      ...{ runtime, keeper, onDied },
      fetch: requests.fetch,
      onTrouble: (trouble) => voice.clientTroubled(trouble),
      onProgress: () => voice.syncMoves(),
      onMessage() {
        received += 1;
      },
      unsettled: () => outbox.sentIds.rememberAll(),
      settled: () => outbox.sentIds.settled(),
    }),
  );
  actor.onState(({ state }) => {
    if (state === 'failed') connecting.abort();
  });
  const ended = new AbortController();
  const notices = signInNotices(listeners, logger);
  const names = new LoginNames(sessions, sessionName);
  const renewal = {
    runtime,
    keeper,
    names,
    sessionName,
    deviceDisplayName,
    refreshTokens,
    homeserver,
    timeoutMs,
  };
  const told = { onNewSession, onLoggedOut };
  const services = {
    ...sessionServices({ runtime, keeper, names, sessionName, connecting, passive, homeserver }),
    ...renewalServices({ ...renewal, fetch: asked.by(fetch), ended: ended.signal, ...notices, ...told }),
  };
  bindServices(actor.ref, voice.watch(turns?.pace(services) ?? services));
  const lifecycle = new SessionLifecycle({
    ...{ actor, runtime, keeper, leadership, client, connecting, homeserver, outbox },
    ...{ ended, fetch, stopTimeoutMs, logger, ...told, forget: (end) => keeper.forget(end) },
    onSendBeforeStart: () => voice.sendBeforeStart(),
  });
  actor.onState(({ reason }) => {
    if (reason === 'logged-out') lifecycle.forgetLoggedOut();
  });
  const run = <T>(work: () => T | Promise<T>, signal?: AbortSignal) =>
    requests.run(work, {
      signal,
      restoreToken: () => connecting.connect({ replace: false, passive: passive(), signal: ended.signal }),
    });

  const auth: MatrixAuth<Client> & { [inspect.custom](): unknown; toJSON(): unknown } = {
    start: () => lifecycle.start(),
    stop: () => lifecycle.stop(),
    logout: () => lifecycle.logout(),
    run: (work, { signal } = {}) => run(() => work(client?.client as Client), signal),
    withTokenRefresh:
      (work) =>
      (...args) =>
        run(() => work(...args)),
    fetch: requests.fetch,
    send(roomId, content, how) {
      lifecycle.onSend();
      return outbox.send(roomId, content, how);
    },
    accessToken: () => requests.accessToken(),
    async refresh() {
      await requests.untilLive();
      const before = actor.context.session?.generation;
      actor.send({ type: 'refresh' });
      await actor.settled();
      if (actor.context.session?.generation === before) throw new CannotRenewError();
    },
    retry: () => actor.send({ type: 'retry' }),
    provideCredentials(given) {
      runtime.ladder = new SignInLadder(isWays(given) ? given : credentialsOf(given));
      const token = runtime.ladder.given.accessToken !== undefined;
      actor.send({ type: 'credentials.provided', ...runtime.ladder.waysLeft, token });
    },
    on: (type, handler) => listeners.on(type, handler),
    subscribe(handler) {
      handler(actor.snapshot());
      return listeners.on('state', handler);
    },
    snapshot: () => actor.snapshot(),
    get homeserver() {
      return runtime.homeserverUrl;
    },
    get held() {
      return requests.held;
    },
    get outgoing() {
      const { length, oldestAt, delivered } = outbox;
      return { length, oldestAt, delivered };
    },
    get received() {
      return received;
    },
    get client() {
      return client?.client;
    },
    actor: actor.ref,
    // What is printed of a session is its state; the client, for one, holds its token in plain sight.
    [inspect.custom]: () => ({ MatrixAuth: actor.snapshot() }),
    toJSON: () => actor.snapshot(),
  };
  publishFrames(auth, sessionName, listeners);
  return auth;
}
