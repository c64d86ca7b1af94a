import type { AuthContext } from './context.ts';
import type { Meaning } from './rejections.ts';
import type { Outcome } from './services.ts';
import type { OutcomeOf } from './updates.ts';

type Done<O extends Outcome = Outcome> = { readonly event: { readonly output: O } };

/** The outcome of the service that has just ended, as a parameter of guards and actions. */
export const outcome = <O extends Outcome>({ event }: Done<O>) => event.output;

/** {@link outcome}, in a row whose guard has found it to be of this kind. */
export const outcomeOf =
  <Kind extends Outcome['outcome']>() =>
  ({ event }: Done) =>
    event.output as OutcomeOf<Kind>;

const renewal = outcomeOf<'renewed' | 'adopted'>();
const identity = outcomeOf<'identified'>();
const refusal = outcomeOf<'refused'>();
const failedAttempt = outcomeOf<'trouble' | 'refused'>();
const unusable = outcomeOf<'unusable'>();

/** The error that a service has thrown, as a parameter. */
const errorParams = ({ event }: { event: { error: unknown } }) => ({ error: event.error });
/** The event itself, as a parameter. */
export const eventParams = <E>({ event }: { event: E }) => event;
/** A service's input: the generation in use, 0 where there is none, and the attempts in a row that failed. */
export const attempt = ({ context }: { context: AuthContext }) => ({
  generation: context.session?.generation ?? 0,
  failures: context.failures,
});

export const hasOutcome = (is: Outcome['outcome']) =>
  ({ type: 'outcomeIs', params: ({ event }: Done) => ({ outcome: event.output, is }) }) as const;
export const refused = (means: Meaning) =>
  ({ type: 'refusalMeans', params: ({ event }: Done) => ({ outcome: event.output, means }) }) as const;

/** Into `refreshing`, with requests waiting from the start. */
export const required = ['#auth.refreshing.service.required', '#auth.refreshing.renewal.deciding'] as const;

/** What the end of a session means, wherever a service reports it. */
export const toFailed = {
  unusable: {
    guard: hasOutcome('unusable'),
    actions: { type: 'failWithOutcome', params: unusable },
    target: '#auth.failed',
  },
  deactivated: {
    guard: refused('deactivated'),
    actions: { type: 'failWithOutcome', params: refusal },
    target: '#auth.failed',
  },
  someoneElse: {
    guard: hasOutcome('someone-else'),
    actions: { type: 'fail', params: { reason: 'identity-mismatch' } },
    target: '#auth.failed',
  },
} as const;

const noteFailedAttempt = { type: 'noteFailedAttempt', params: failedAttempt } as const;

const toLocked = {
  guard: refused('locked'),
  actions: noteFailedAttempt,
  target: '#auth.locked',
} as const;

/** Anything else: the attempt failed, and is repeated later. */
export const otherwiseTo = <Target extends string>(target: Target) =>
  ({ actions: noteFailedAttempt, target }) as const;
export const errorTo = <Target extends string>(target: Target) =>
  ({ actions: { type: 'noteFailedAttempt', params: errorParams }, target }) as const;
/** `whoami` knows the token, and the account is the expected one. */
export const identifiedTo = <Target extends string>(target: Target) =>
  ({
    guard: hasOutcome('identified'),
    actions: [
      { type: 'announceDevice', params: identity },
      { type: 'identify', params: identity },
    ],
    target,
  }) as const;

/** What a refusal of the token leads to, where requests may use it. */
export const tokenRejected = <Target extends string>(verify: Target) =>
  [
    { guard: { type: 'currentTokenLocked', params: eventParams }, target: '#auth.locked' },
    {
      guard: { type: 'currentTokenRenewable', params: eventParams },
      actions: 'noteTokenRejected',
      target: [...required],
    },
    { guard: { type: 'currentTokenRejected', params: eventParams }, target: verify },
  ] as const;

/** The question whose token this is, once more; a token that has expired meanwhile is not asked about. */
export const verifyAgain = [
  { guard: 'tokenExpired', target: [...required] },
  { target: 'verifying' },
] as const;

/** `whoami` refuses the third token in a row that was never accepted. */
export const tokensNeverAccepted = {
  guard: { type: 'tokensNeverAccepted', params: outcome },
  actions: { type: 'fail', params: { reason: 'tokens-never-accepted' } },
  target: '#auth.failed',
} as const;

/** `whoami` refuses the token as well. */
const tokenDead = [
  {
    guard: { type: 'freshTokenDead', params: outcome },
    actions: ['noteTokenDead', 'openBreaker'],
    target: [...required],
  },
  { guard: refused('token-dead'), actions: 'noteTokenDead', target: [...required] },
] as const;

/** What `whoami` may answer. */
export const whoamiAnswers = <Alive extends string, Retry extends string>(alive: Alive, retry: Retry) =>
  [
    identifiedTo(alive),
    toFailed.someoneElse,
    ...tokenDead,
    toLocked,
    toFailed.deactivated,
    toFailed.unusable,
    otherwiseTo(retry),
  ] as const;

/** What may come of a refresh. */
export const exchangeAnswers = <Retry extends string>(retry: Retry) =>
  [
    {
      guard: { type: 'renewed', params: outcome },
      actions: [
        { type: 'warnUnpersisted', params: renewal },
        { type: 'announceRefreshed', params: renewal },
        { type: 'announceDevice', params: renewal },
        { type: 'takeExchanged', params: renewal },
        'warnImplausible',
      ],
      target: '#auth.reconnecting',
    },
    {
      guard: refused('refresh-dead'),
      actions: ['noteRefreshRefused', { type: 'warn', params: { kind: 'refresh-refused' } }],
      target: 'deciding',
    },
    {
      guard: { type: 'unsupportedButCanLogIn', params: outcome },
      actions: ['noteRefreshRefused', { type: 'warn', params: { kind: 'refresh-unsupported' } }],
      target: 'deciding',
    },
    {
      guard: refused('unsupported'),
      actions: [{ type: 'warnUnsupported', params: refusal }, noteFailedAttempt],
      target: retry,
    },
    toLocked,
    toFailed.deactivated,
    toFailed.unusable,
    otherwiseTo(retry),
  ] as const;

/** What may come of a sign-in, with a person or without. */
export const signInAnswers = <Retry extends string>(retry: Retry) =>
  [
    {
      guard: { type: 'renewed', params: outcome },
      actions: [
        { type: 'announceLoggedIn', params: renewal },
        { type: 'announceDevice', params: renewal },
        { type: 'takeLoggedIn', params: renewal },
      ],
      target: '#auth.reconnecting',
    },
    {
      guard: { type: 'waysLeft', params: outcome },
      actions: { type: 'noteWaysLeft', params: refusal },
      target: 'deciding',
    },
    toLocked,
    {
      guard: { type: 'loginRefusedForGood', params: outcome },
      actions: { type: 'noteLoginRefused', params: refusal },
      target: 'deciding',
    },
    toFailed.unusable,
    otherwiseTo(retry),
  ] as const;
