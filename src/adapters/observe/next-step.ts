import { type AuthContext, type Next, nextOf, type Session } from '../../machines/index.ts';
import { numberOf } from './allow.ts';

/** What happens next by itself, and when; none where what it is worked out from has not the form that it should have. */
export function nextStepOf(detail: string, context: AuthContext, since: number): Next | undefined {
  const { session, salt, failures, clientDeaths, earlyDeaths, notBefore = 0 } = context;
  const sound =
    areNumbers(salt, failures, clientDeaths, earlyDeaths, notBefore) &&
    (session === undefined || isSound(session));
  const next = sound ? nextOf(detail, context, since) : undefined;
  return numberOf(next?.at) === undefined ? undefined : next;
}

function isSound({ obtainedAt, expiresAt = 0, fingerprint }: Session): boolean {
  return areNumbers(obtainedAt, expiresAt) && typeof fingerprint === 'string';
}

function areNumbers(...values: readonly unknown[]): boolean {
  return values.every(Number.isFinite);
}
