import { asString } from '../json.ts';
import type { Step, Target } from './plan.ts';

const targets: Readonly<Record<Target, string>> = {
  refresh: 'refresh',
  login: 'login',
  send: 'message that it sends',
  everything: 'request',
};

/** The step as a sentence. */
export function stepText(step: Step): string {
  switch (step.do) {
    case 'ask':
      return `It is asked something ${step.when}, and the answer is awaited.`;
    case 'say':
      return `It is asked something ${step.when}${step.unanswered ? '; it need not answer' : ''}.`;
    case 'await answers':
      return `All its answers are awaited ${step.when}.`;
    case 'expire tokens':
      return 'Its access token expires.';
    case 'shorten tokens':
      return `Access tokens live ${seconds(step.lifetimeMs)} from now on.`;
    case 'revoke session':
      return 'Its session is revoked: access token and refresh token are gone; the password is still right.';
    case 'lock account':
      return 'An administrator locks its account.';
    case 'unlock account':
      return 'The account is unlocked.';
    case 'take server away':
      return 'The homeserver goes away: connections are reset and refused.';
    case 'bring server back':
      return 'The homeserver is back.';
    case 'answer': {
      const which =
        step.times === undefined ? 'Every' : `The next ${step.times === 1 ? '' : `${step.times} `}`;
      return `${which.trim()} ${step.to.map((target) => targets[target]).join(' or ')} is answered ${answerOf(step)}.`;
    }
    case 'lose answer':
      return `The answer to the next ${step.to.map((target) => targets[target]).join(' or ')} is lost on its way.`;
    case 'end faults':
      return 'The homeserver answers as it should again.';
    case 'let time pass':
      return `${seconds(step.ms)} pass.`;
  }
}

function answerOf({ status, headers = {}, body }: Step & { do: 'answer' }): string {
  const errcode = typeof body === 'string' ? 'with an HTML page' : (asString(body['errcode']) ?? '');
  const retryAfter = headers['retry-after'];
  return `${status} ${errcode}${retryAfter === undefined ? '' : `, Retry-After: ${retryAfter}`}`.trim();
}

export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
