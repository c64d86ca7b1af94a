import type { RecordedRequest } from '../proxy/recorded-request.ts';
import type { Step, Target } from './plan.ts';
import type { TestEnvironment } from './environment.ts';

/** A step that changes something at the homeserver or on the way to it. */
export type ServerStep = Exclude<Step, { do: 'ask' | 'say' | 'await answers' | 'let time pass' }>;

/** Carries out a step. */
export async function applyStep(
  step: ServerStep,
  { homeserver, proxy, account, faults }: TestEnvironment,
): Promise<void> {
  switch (step.do) {
    case 'expire tokens':
      return homeserver.expireTokens(account.userId);
    case 'shorten tokens':
      return homeserver.setAccessTokenLifetimeMs(step.lifetimeMs);
    case 'revoke session':
      return homeserver.revokeSession(account.userId);
    case 'lock account':
      return homeserver.setLocked(account.userId, true);
    case 'unlock account':
      return homeserver.setLocked(account.userId, false);
    case 'take server away':
      return proxy.away();
    case 'bring server back':
      return proxy.back();
    case 'answer': {
      const { status, headers = {}, body, times = Number.POSITIVE_INFINITY } = step;
      const fault = { kind: 'answer', status, headers, body } as const;
      return void faults.push(proxy.inject({ match: isAnyOf(step.to), times, fault }));
    }
    case 'lose answer':
      return void faults.push(proxy.inject({ match: isAnyOf(step.to), fault: { kind: 'lose-response' } }));
    case 'end faults':
      for (const fault of faults) fault.remove();
  }
}

const patterns: Readonly<Record<Target, RegExp>> = {
  refresh: /^POST \S+\/refresh$/,
  login: /^POST \S+\/login$/,
  send: /^PUT \S+\/send\/[^/]+\/[^/]+$/,
  everything: /^/,
};

function isAnyOf(targets: readonly Target[]): (request: RecordedRequest) => boolean {
  return ({ method, path }) => targets.some((target) => patterns[target].test(`${method} ${path}`));
}
