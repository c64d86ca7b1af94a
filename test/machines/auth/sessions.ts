import type { InputFrom } from 'xstate';
import type { authMachine, Endpoint, Session } from '../../../src/machines/index.ts';
import { HeldMachine } from './held-machine.ts';

/** The moment at which the tests of the machine begin; they set the clock themselves. */
export const noon = Date.parse('2026-03-01T12:00:00Z');
export const lifetimeMs = 300_000;

/** A session that was obtained just now, and lives for five minutes. */
export function session(generation = 1, over: Partial<Session> = {}): Session {
  return {
    userId: '@bot:example.org',
    deviceId: 'BOTDEVICE',
    generation,
    fingerprint: '00000000',
    obtainedAt: Date.now(),
    expiresAt: Date.now() + lifetimeMs,
    refreshable: true,
    ...over,
  };
}

/** A token that was given: nobody knows when it ends, and nothing renews it. */
export function bareToken(generation = 1): Session {
  const { expiresAt: _, ...rest } = session(generation, { refreshable: false });
  return rest;
}

export const identified = { outcome: 'identified', userId: '@bot:example.org', deviceId: 'BOTDEVICE' };
export const connected = { outcome: 'connected' };
export const renewed = (by: Session) => ({ outcome: 'renewed', session: by });
export const adopted = (by: Session) => ({ outcome: 'adopted', session: by });
export const trouble = { outcome: 'trouble', why: 'refresh: the homeserver could not be reached' };

export const refused = (endpoint: Endpoint, status: number, errcode: string, retryAfterMs?: number) => ({
  outcome: 'refused',
  rejection: { endpoint, status, errcode, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});
export const refreshRefused = refused('refresh', 401, 'M_UNKNOWN_TOKEN');
export const loginRefused = refused('login', 403, 'M_FORBIDDEN');
export const tokenRefused = refused('whoami', 401, 'M_UNKNOWN_TOKEN');
export const stillLocked = refused('whoami', 401, 'M_USER_LOCKED');

/** That a request with the token of this generation was refused. */
export const rejected = (generation: number, errcode = 'M_UNKNOWN_TOKEN') =>
  ({
    type: 'token.rejected',
    generation,
    rejection: { endpoint: 'other', status: 401, errcode },
  }) as const;

/** A request is refused; where the machine asks `whoami` about it, that refuses the token as well. */
export async function reject(held: HeldMachine, generation: number, errcode?: string): Promise<void> {
  const before = held.calls.length;
  held.actor.send(rejected(generation, errcode));
  await confirmRefusal(held, before);
}

/** The refresh token is refused; where the machine asks `whoami` about the access token, that refuses it as well. */
export async function refuseRefresh(held: HeldMachine, outcome: object = refreshRefused): Promise<void> {
  const before = held.calls.length;
  await held.answer('exchange', outcome);
  await confirmRefusal(held, before);
}

async function confirmRefusal(held: HeldMachine, before: number): Promise<void> {
  const [asked] = held.calls.slice(before);
  if (asked?.id === 'check' || asked?.id === 'identify') await held.answer(asked.id, tokenRefused);
}

interface Beginning {
  readonly session?: Session;
  readonly canLogIn?: boolean;
  readonly input?: InputFrom<typeof authMachine>;
}

/** A machine that has read its stored session, if it has one. */
export async function restored(beginning: Beginning = {}): Promise<HeldMachine> {
  const { session: stored = session(), canLogIn = true, input } = beginning;
  const held = new HeldMachine(input);
  held.actor.start();
  await held.answer('restore', { outcome: 'restored', session: stored, canLogIn });
  return held;
}

/** A machine that is signed in, its client connected. */
export async function valid(beginning: Beginning = {}): Promise<HeldMachine> {
  const held = await restored(beginning);
  await held.answer('identify', identified);
  await held.answer('connect', connected);
  return held;
}

export const timer = {
  renewal: 'xstate.after.renewalDue.auth.valid.scheduled',
  expiry: 'xstate.after.expiryDue.auth.refreshing.service.ahead',
  backoff: 'xstate.after.backoff.auth.refreshing.renewal.backingOff',
  breaker: 'xstate.after.breakerCooled.auth.refreshing.renewal.coolingDown',
  probe: 'xstate.after.lockProbe.auth.locked.waiting',
  restoring: 'xstate.after.backoff.auth.restoring.backingOff',
  clientPause: 'xstate.after.clientPause.auth.reconnecting.pausing',
  verifying: 'xstate.after.backoff.auth.reconnecting.backingOff',
};

export const ahead = (renewal: string) => ({ refreshing: { service: 'ahead', renewal } });
export const required = (renewal: string) => ({ refreshing: { service: 'required', renewal } });
