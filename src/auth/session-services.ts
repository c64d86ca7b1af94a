import { fromPromise } from 'xstate';
import {
  discoverHomeserver,
  type HomeserverAddress,
  localpartOf,
  namesUser,
} from '../adapters/homeserver/index.ts';
import type { KeeperResult, SessionKeeper } from '../adapters/sessions/index.ts';
import {
  authMachine,
  type ConnectOutcome,
  type IdentifyOutcome,
  type RenewOutcome,
  type RestoreOutcome,
  type Session,
  type Trouble,
} from '../machines/index.ts';
import {
  type ClientPort,
  type ClientSession,
  type Credentials,
  type Homeserver,
  SessionStoreError,
  viewOf,
} from '../ports/index.ts';
import { deviceIdFor } from './device-id.ts';

/** What the services share: it changes while the session lives, and holds what the machine may not. */
export interface Surroundings<Client> {
  readonly address: HomeserverAddress;
  /** The homeserver's base URL, once it is known. */
  url: string | undefined;
  credentials: Credentials;
  /** What an adapter threw, for the person who has to mend it. */
  lastError: unknown;
  readonly keeper: SessionKeeper;
  readonly sessionName: string;
  readonly client: ClientPort<Client> | undefined;
  /** Another process syncs. */
  readonly passive: () => boolean;
  readonly refreshTokens: boolean;
  readonly deviceDisplayName: string;
  readonly fetch: typeof globalThis.fetch;
  readonly authFetch: typeof globalThis.fetch;
  readonly homeserverAt: (url: string) => Homeserver;
  readonly onClientDied: () => void;
  /** There is a newer session, and the machine was not waiting for it. */
  readonly onNewSession: (session: Session) => void;
}

/** The machine's services, made of one session's adapters. */
export interface Services {
  restore(signal: AbortSignal): Promise<RestoreOutcome>;
  exchange(generation: number, signal: AbortSignal): Promise<RenewOutcome>;
  logIn(generation: number, signal: AbortSignal): Promise<RenewOutcome>;
  identify(generation: number, signal: AbortSignal): Promise<IdentifyOutcome>;
  connect(replace: boolean, signal: AbortSignal): Promise<ConnectOutcome>;
}

const services = new WeakMap<object, Services>();

/** Gives an actor of {@link machine} its services. It has to be done before the actor starts. */
export function serve(actor: { readonly system: object }, its: Services): void {
  services.set(actor.system, its);
}

function of(system: object): Services {
  const found = services.get(system);
  if (found === undefined) throw new Error('The actor was started before it had its services.');
  return found;
}

/**
 * The machine whose services are those of its actor. `authMachine.provide()` copies the whole statechart, so it is
 * done once for all sessions, and each finds its own by its actor system.
 */
export const machine = authMachine.provide({
  actors: {
    restore: fromPromise(({ system, signal }) => of(system).restore(signal)),
    exchange: fromPromise(({ system, input, signal }) => of(system).exchange(input.generation, signal)),
    logIn: fromPromise(({ system, input, signal }) => of(system).logIn(input.generation, signal)),
    authorize: fromPromise<RenewOutcome, { readonly generation: number; readonly failures: number }>(
      async () => ({ outcome: 'trouble', why: 'there is no way to sign in that needs a person' }),
    ),
    identify: fromPromise(({ system, input, signal }) => of(system).identify(input.generation, signal)),
    connect: fromPromise(({ system, input, signal }) => of(system).connect(input.replace, signal)),
  },
});

export function servicesOf<Client>(around: Surroundings<Client>): Services {
  const { keeper } = around;

  async function restore(signal: AbortSignal): Promise<RestoreOutcome> {
    if (around.url === undefined) {
      const { address, fetch } = around;
      const found =
        address.kind === 'url'
          ? ({ outcome: 'found', url: address.url } as const)
          : await discoverHomeserver(address.serverName, { fetch, signal });
      if (found.outcome === 'trouble') return found;
      around.url = found.url;
    }
    try {
      const stored = await keeper.restore(around.credentials, Date.now());
      const canLogIn = around.credentials.login !== undefined;
      return stored === undefined
        ? { outcome: 'empty', canLogIn }
        : { outcome: 'restored', session: viewOf(stored), canLogIn };
    } catch (error) {
      return storeTrouble(error);
    }
  }

  function storeTrouble(error: unknown): Trouble | { outcome: 'unusable'; reason: 'store-unusable' } {
    if (!(error instanceof SessionStoreError)) throw error;
    around.lastError = error;
    return error.permanent
      ? { outcome: 'unusable', reason: 'store-unusable' }
      : { outcome: 'trouble', why: error.message };
  }

  function outcomeOf(result: KeeperResult): RenewOutcome {
    switch (result.kind) {
      case 'renewed':
        return {
          outcome: 'renewed',
          session: viewOf(result.session),
          ...(result.unpersisted && { unpersisted: true }),
        };
      case 'adopted':
        return { outcome: 'adopted', session: viewOf(result.session) };
      case 'refused':
        return { outcome: 'refused', rejection: result.rejection };
      case 'trouble':
        return {
          outcome: 'trouble',
          why: result.why,
          ...(result.notBefore === undefined ? {} : { notBefore: result.notBefore }),
        };
      case 'unusable':
        around.lastError = result.error;
        return { outcome: 'unusable', reason: 'store-unusable' };
    }
  }

  async function exchange(generation: number, signal: AbortSignal): Promise<RenewOutcome> {
    const homeserver = around.homeserverAt(urlOf(around));
    // The exchange itself has no signal: once sent it has to be written, or the session is lost. Its time limit ends it.
    return handedOn(await keeper.rotate(generation, (token) => homeserver.refresh(token)), signal);
  }

  async function logIn(generation: number, signal: AbortSignal): Promise<RenewOutcome> {
    const url = urlOf(around);
    const { login, deviceId: wanted } = around.credentials;
    if (login === undefined) return { outcome: 'trouble', why: 'login: there is no user name and password' };
    const { refreshTokens: refreshToken, deviceDisplayName } = around;
    const result = await keeper.logIn(
      generation,
      { wanted, otherwise: deviceIdFor(url, localpartOf(login.username).toLowerCase(), around.sessionName) },
      (deviceId) => around.homeserverAt(url).login({ ...login, deviceId, deviceDisplayName, refreshToken }),
    );
    return handedOn(result, signal);
  }

  /** An outcome that the machine no longer waits for would be lost, and the new token with it. */
  function handedOn(result: KeeperResult, signal: AbortSignal): RenewOutcome {
    const outcome = outcomeOf(result);
    if (signal.aborted && 'session' in outcome) around.onNewSession(outcome.session);
    return outcome;
  }

  async function identify(generation: number, signal: AbortSignal): Promise<IdentifyOutcome> {
    const session = keeper.current;
    if (session === undefined) return { outcome: 'trouble', why: 'whoami: there is no session' };
    const answer = await around.homeserverAt(urlOf(around)).whoami(session.accessToken, { signal });
    if (!answer.ok) return { outcome: 'refused', rejection: answer.rejection };
    const { userId, deviceId } = answer.value;
    const { login } = around.credentials;
    if (
      (session.userId ?? userId) !== userId ||
      (login !== undefined && !namesUser(login.username, userId))
    ) {
      return { outcome: 'someone-else' };
    }
    try {
      await keeper.identify(session.generation, userId, deviceId);
      await keeper.confirm(generation);
    } catch (error) {
      return storeTrouble(error);
    }
    return { outcome: 'identified', userId, ...(deviceId === undefined ? {} : { deviceId }) };
  }

  async function connect(replace: boolean, signal: AbortSignal): Promise<ConnectOutcome> {
    try {
      await around.client?.connect(clientSession(around), { replace, passive: around.passive(), signal });
      return { outcome: 'connected' };
    } catch (error) {
      if (signal.aborted) throw error;
      // The client asks the store how far it had come, which says nothing about the client.
      if (error instanceof SessionStoreError) return storeTrouble(error);
      around.lastError = error;
      return { outcome: 'unusable', reason: 'client-failed' };
    }
  }

  return { restore, exchange, logIn, identify, connect };
}

/** The session as the client is to see it. */
export function clientSession<Client>(around: Surroundings<Client>): ClientSession {
  const session = around.keeper.current;
  if (session?.userId === undefined)
    throw new Error('A client was to be connected without a verified session.');
  return {
    homeserverUrl: urlOf(around),
    userId: session.userId,
    deviceId: session.deviceId,
    accessToken: session.accessToken,
    fetch: around.authFetch,
    position: {
      load: () => around.keeper.position(),
      // A store that is away costs a repetition after a crash, which is better than to stand still.
      save: (position) => void around.keeper.savePosition(position).catch(() => undefined),
    },
    onDied: around.onClientDied,
  };
}

function urlOf({ url }: { readonly url: string | undefined }): string {
  if (url === undefined) throw new Error('A request was to be made before the homeserver was known.');
  return url;
}
