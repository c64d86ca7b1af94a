import { type AuthContext, initialContext } from './context.ts';
import type { Outcome } from './guards.ts';
import type { Meaning } from './rejections.ts';
import { authSetup } from './setup.ts';
import type { Of } from './updates.ts';

type Done<O extends Outcome = Outcome> = { readonly event: { readonly output: O } };

/** The outcome of the service that has just ended, as a parameter. */
const outcome = <O extends Outcome>({ event }: Done<O>) => event.output;
/** The same, where the guard beside it has found it to be of this kind. */
const outcomeOf =
  <Kind extends Outcome['outcome']>() =>
  ({ event }: Done) =>
    event.output as Of<Kind>;
const renewal = outcomeOf<'renewed' | 'adopted'>();
const nothing = outcomeOf<'trouble' | 'refused'>();
const unusable = outcomeOf<'unusable'>();
const refusal = outcomeOf<'refused'>();
const identified = outcomeOf<'identified'>();
const error = ({ event }: { event: { error: unknown } }) => ({ error: event.error });
const event = <E>({ event }: { event: E }) => event;
/** The generation in use, as a service's input. */
const current = ({ context }: { context: AuthContext }) => ({ generation: context.session?.generation ?? 0 });

const is = (is: Outcome['outcome']) =>
  ({ type: 'outcomeIs', params: ({ event }: Done) => ({ outcome: event.output, is }) }) as const;
const refused = (means: Meaning) =>
  ({ type: 'refusalMeans', params: ({ event }: Done) => ({ outcome: event.output, means }) }) as const;

/** Into `refreshing`, with requests waiting from the start. */
const required = ['#auth.refreshing.service.required', '#auth.refreshing.renewal.deciding'] as const;

/** What a refusal of the token leads to, where requests may use it. */
const tokenRejected = [
  { guard: { type: 'currentTokenLocked', params: event }, target: '#auth.locked' },
  {
    guard: { type: 'currentTokenSuspicious', params: event },
    actions: ['noteTokenRejected', 'openBreaker'],
    target: [...required],
  },
  {
    guard: { type: 'currentTokenRejected', params: event },
    actions: 'noteTokenRejected',
    target: [...required],
  },
] as const;

/**
 * The life of a Matrix session: `valid -> refreshing -> reconnecting -> valid`, or `failed` where only a person can
 * help. It decides and remembers; it holds no token, opens no socket and reads no file. What it invokes are
 * placeholders: give it real ones with `authMachine.provide({ actors })`, or let `createMatrixAuth()` do that.
 */
export const authMachine = authSetup.createMachine({
  id: 'auth',
  context: ({ input }) => initialContext(input),
  initial: 'restoring',
  on: {
    stop: { target: '.stopped' },
    'token.confirmed': { actions: { type: 'noteProven', params: event } },
    'credentials.provided': { actions: { type: 'noteCredentials', params: event } },
    'client.died': { actions: 'noteClientDied' },
    'leadership.changed': { actions: 'wantReplacement' },
    'session.adopted': {
      guard: { type: 'newerSession', params: event },
      actions: [
        { type: 'announceDevice', params: event },
        { type: 'announceAdopted', params: event },
        { type: 'adopt', params: event },
      ],
      target: '.reconnecting',
    },
  },
  states: {
    restoring: {
      description: 'Reads the stored session, or takes the one that was given.',
      tags: 'busy',
      initial: 'reading',
      // What is being read is at least as new as what another process has told of.
      on: { 'session.adopted': {} },
      states: {
        reading: {
          invoke: {
            id: 'restore',
            src: 'restore',
            onDone: [
              {
                guard: is('restored'),
                actions: { type: 'restore', params: outcomeOf<'restored'>() },
                target: '#auth.reconnecting',
              },
              {
                guard: is('empty'),
                actions: { type: 'restore', params: outcomeOf<'empty'>() },
                target: [...required],
              },
              {
                guard: is('unusable'),
                actions: { type: 'failBy', params: unusable },
                target: '#auth.failed',
              },
              { actions: { type: 'noteTrouble', params: nothing }, target: 'backingOff' },
            ],
            onError: { actions: { type: 'noteTrouble', params: error }, target: 'backingOff' },
          },
        },
        backingOff: {
          description: 'The store or the homeserver cannot be reached; tries again later.',
          after: { backoff: 'reading' },
          on: { retry: 'reading' },
        },
      },
    },

    valid: {
      description: 'Signed in, and the client is live.',
      tags: ['usable', 'live'],
      entry: 'calmDown',
      initial: 'deciding',
      states: {
        deciding: { always: [{ guard: 'renewalScheduled', target: 'scheduled' }, { target: 'resting' }] },
        scheduled: {
          description: 'The token will be renewed ahead of its expiry.',
          after: { renewalDue: '#auth.refreshing' },
        },
        resting: { description: 'The token does not expire, or nothing can be done ahead of its end.' },
      },
      on: {
        'token.rejected': [...tokenRejected],
        refresh: { guard: 'canRenew', target: 'refreshing' },
        'credentials.provided': { actions: { type: 'noteCredentials', params: event }, target: '.deciding' },
        'client.died': [
          {
            guard: 'clientEndsAtOnce',
            actions: ['noteClientDied', 'noteShortLife'],
            target: '#auth.reconnecting.pausing',
          },
          { actions: 'noteClientDied', target: 'reconnecting' },
        ],
        'leadership.changed': { actions: 'wantReplacement', target: 'reconnecting' },
      },
    },

    refreshing: {
      description: 'Gets a new token: by its refresh token, else by logging in, else later.',
      tags: 'busy',
      type: 'parallel',
      states: {
        service: {
          initial: 'ahead',
          states: {
            ahead: {
              description: 'The old token still serves; no request waits.',
              tags: ['usable', 'live'],
              after: { expiryDue: 'required' },
              on: {
                'token.rejected': [
                  { guard: { type: 'currentTokenLocked', params: event }, target: '#auth.locked' },
                  {
                    guard: { type: 'currentTokenRejected', params: event },
                    actions: ['noteTokenRejected', 'hurry'],
                    target: 'required',
                  },
                ],
              },
            },
            required: { description: 'No token works; requests wait.' },
          },
        },
        renewal: {
          initial: 'deciding',
          states: {
            deciding: {
              always: [
                { guard: 'breakerOpen', target: 'coolingDown' },
                { guard: 'canExchange', target: 'exchanging' },
                { guard: 'canLogIn', target: 'loggingIn' },
                { guard: 'tokenServesDeadClient', target: '#auth.reconnecting' },
                {
                  guard: 'tokenServesWithoutLogin',
                  actions: { type: 'warn', params: { kind: 'login-refused' } },
                  target: '#auth.valid',
                },
                { guard: 'tokenServes', target: '#auth.valid' },
                { guard: 'tokenGiven', target: '#auth.restoring' },
                { actions: 'failExhausted', target: '#auth.failed' },
              ],
            },
            coolingDown: {
              description: 'A fresh token was refused; waits before it asks for another.',
              entry: { type: 'warn', params: { kind: 'breaker' } },
              exit: 'closeBreaker',
              after: { breakerCooled: 'deciding' },
              on: { retry: 'deciding' },
            },
            exchanging: {
              description: 'Exchanges the refresh token, or adopts what another process has exchanged.',
              invoke: {
                id: 'exchange',
                src: 'exchange',
                input: current,
                onDone: [
                  {
                    guard: { type: 'renewed', params: outcome },
                    actions: [
                      { type: 'warnUnpersisted', params: renewal },
                      { type: 'announceRefreshed', params: renewal },
                      { type: 'announceDevice', params: renewal },
                      { type: 'takeExchanged', params: renewal },
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
                    actions: [
                      'noteRefreshRefused',
                      { type: 'warn', params: { kind: 'refresh-unsupported' } },
                    ],
                    target: 'deciding',
                  },
                  {
                    guard: refused('unsupported'),
                    actions: [
                      { type: 'warnUnsupported', params: refusal },
                      { type: 'noteTrouble', params: nothing },
                    ],
                    target: 'backingOff',
                  },
                  {
                    guard: refused('locked'),
                    actions: { type: 'noteTrouble', params: nothing },
                    target: '#auth.locked',
                  },
                  {
                    guard: refused('deactivated'),
                    actions: { type: 'failBy', params: refusal },
                    target: '#auth.failed',
                  },
                  {
                    guard: is('unusable'),
                    actions: { type: 'failBy', params: unusable },
                    target: '#auth.failed',
                  },
                  { actions: { type: 'noteTrouble', params: nothing }, target: 'backingOff' },
                ],
                onError: { actions: { type: 'noteTrouble', params: error }, target: 'backingOff' },
              },
            },
            loggingIn: {
              description: 'Logs in with the credentials, on the same device as before.',
              on: {
                'credentials.provided': {
                  actions: { type: 'noteCredentials', params: event },
                  target: 'deciding',
                },
              },
              invoke: {
                id: 'logIn',
                src: 'logIn',
                input: current,
                onDone: [
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
                    guard: refused('locked'),
                    actions: { type: 'noteTrouble', params: nothing },
                    target: '#auth.locked',
                  },
                  {
                    guard: { type: 'loginHopeless', params: outcome },
                    actions: { type: 'noteLoginRefused', params: refusal },
                    target: 'deciding',
                  },
                  {
                    guard: is('unusable'),
                    actions: { type: 'failBy', params: unusable },
                    target: '#auth.failed',
                  },
                  { actions: { type: 'noteTrouble', params: nothing }, target: 'backingOff' },
                ],
                onError: { actions: { type: 'noteTrouble', params: error }, target: 'backingOff' },
              },
            },
            backingOff: {
              description: 'The attempt brought nothing, and nothing is lost by it; tries again later.',
              after: { backoff: 'deciding' },
              on: {
                retry: 'deciding',
                'credentials.provided': {
                  actions: ['forgive', { type: 'noteCredentials', params: event }],
                  target: '#auth.restoring',
                },
              },
            },
          },
        },
      },
    },

    reconnecting: {
      description: 'Makes the client live with the new session.',
      tags: 'busy',
      initial: 'deciding',
      states: {
        deciding: {
          always: [
            { guard: 'tokenExpired', target: [...required] },
            { guard: 'verified', target: 'connecting' },
            { target: 'verifying' },
          ],
        },
        verifying: {
          description: 'Asks the homeserver whose token this is, before anything is sent with it.',
          invoke: {
            id: 'identify',
            src: 'identify',
            input: current,
            onDone: [
              {
                guard: is('identified'),
                actions: [
                  { type: 'announceDevice', params: identified },
                  { type: 'identify', params: identified },
                ],
                target: 'connecting',
              },
              {
                guard: is('someone-else'),
                actions: { type: 'fail', params: { reason: 'identity-mismatch' } },
                target: '#auth.failed',
              },
              {
                guard: is('unusable'),
                actions: { type: 'failBy', params: unusable },
                target: '#auth.failed',
              },
              {
                guard: { type: 'freshTokenRefused', params: outcome },
                actions: ['noteTokenRejected', 'openBreaker'],
                target: [...required],
              },
              { guard: refused('token-dead'), actions: 'noteTokenRejected', target: [...required] },
              {
                guard: refused('locked'),
                actions: { type: 'noteTrouble', params: nothing },
                target: '#auth.locked',
              },
              {
                guard: refused('deactivated'),
                actions: { type: 'failBy', params: refusal },
                target: '#auth.failed',
              },
              { actions: { type: 'noteTrouble', params: nothing }, target: 'backingOff' },
            ],
            onError: { actions: { type: 'noteTrouble', params: error }, target: 'backingOff' },
          },
        },
        backingOff: {
          description: 'The homeserver did not say whose token this is; asks again later.',
          after: { backoff: 'deciding' },
          on: { retry: 'deciding' },
        },
        pausing: {
          description:
            'The client ended soon after its start, or cannot be started yet; waits before it is started again. Requests go on.',
          tags: 'usable',
          after: { clientPause: 'deciding' },
          on: { retry: 'deciding', 'token.rejected': [...tokenRejected] },
        },
        connecting: {
          description: 'Starts the client, replaces it, or gives it the new token where it stands.',
          tags: 'usable',
          invoke: {
            id: 'connect',
            src: 'connect',
            input: ({ context }) => ({
              ...current({ context }),
              replace: context.replaceClient,
            }),
            onDone: [
              {
                guard: is('unusable'),
                actions: { type: 'failBy', params: unusable },
                target: '#auth.failed',
              },
              {
                guard: is('trouble'),
                actions: { type: 'noteTrouble', params: nothing },
                target: 'pausing',
              },
              { actions: 'noteConnected', target: '#auth.valid' },
            ],
            onError: {
              actions: { type: 'fail', params: { reason: 'client-failed' } },
              target: '#auth.failed',
            },
          },
          on: {
            'client.died': [
              {
                guard: 'clientEndsAtOnce',
                actions: ['noteClientDied', 'noteShortLife'],
                target: 'pausing',
              },
              { actions: 'noteClientDied', target: 'connecting', reenter: true },
            ],
            'leadership.changed': { actions: 'wantReplacement', target: 'connecting', reenter: true },
            'token.rejected': [...tokenRejected],
          },
        },
      },
    },

    locked: {
      description:
        'An administrator locked the account. Everything is kept; it is asked slowly whether it is unlocked.',
      entry: ['announceLocked', 'doubtIdentity'],
      initial: 'waiting',
      on: { retry: [{ guard: 'sessionless', target: [...required] }, { target: '.asking' }] },
      states: {
        waiting: {
          after: { lockProbe: [{ guard: 'sessionless', target: [...required] }, { target: 'asking' }] },
        },
        asking: {
          description: 'Asks with the token; where there is none, a login has to do the asking.',
          invoke: {
            id: 'probe',
            src: 'identify',
            input: current,
            onDone: [
              {
                guard: is('identified'),
                actions: [
                  { type: 'announceDevice', params: identified },
                  { type: 'identify', params: identified },
                ],
                target: '#auth.reconnecting',
              },
              {
                guard: is('someone-else'),
                actions: { type: 'fail', params: { reason: 'identity-mismatch' } },
                target: '#auth.failed',
              },
              { guard: refused('token-dead'), target: [...required] },
              {
                guard: refused('deactivated'),
                actions: { type: 'failBy', params: refusal },
                target: '#auth.failed',
              },
              { actions: { type: 'noteTrouble', params: nothing }, target: 'waiting' },
            ],
            onError: { actions: { type: 'noteTrouble', params: error }, target: 'waiting' },
          },
        },
      },
    },

    failed: {
      description: 'Only a person can help; the reason says how.',
      tags: 'needs-person',
      entry: 'announceFailure',
      on: {
        retry: { actions: 'forgive', target: 'restoring' },
        'credentials.provided': {
          actions: ['forgive', { type: 'noteCredentials', params: event }],
          target: 'restoring',
        },
      },
    },

    stopped: { type: 'final', description: 'Stopped by its owner; nothing runs any more.' },
  },
});
