import {
  attempt,
  errorTo,
  eventParams,
  exchangeAnswers,
  hasOutcome,
  identifiedTo,
  otherwiseTo,
  outcome,
  outcomeOf,
  refused,
  required,
  signInAnswers,
  toFailed,
  tokenRejected,
  tokensNeverAccepted,
  verifyAgain,
  whoamiAnswers,
} from './answers.ts';
import { initialContext } from './context.ts';
import { authSetup } from './setup.ts';

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
    'logged.out': { actions: { type: 'fail', params: { reason: 'logged-out' } }, target: '.failed' },
    'token.confirmed': { actions: { type: 'noteConfirmed', params: eventParams } },
    'credentials.provided': { actions: { type: 'noteCredentials', params: eventParams } },
    'client.died': { actions: 'noteClientDied' },
    'leadership.changed': { actions: 'requestClientReplacement' },
    'session.adopted': {
      guard: { type: 'newerSession', params: eventParams },
      actions: [
        { type: 'announceDevice', params: eventParams },
        { type: 'announceAdopted', params: eventParams },
        { type: 'adopt', params: eventParams },
      ],
      target: '.reconnecting',
    },
  },
  states: {
    restoring: {
      description: 'Reads the stored session, or takes the token that was given.',
      tags: 'busy',
      initial: 'reading',
      // What is being read is at least as new as what another process has announced.
      on: { 'session.adopted': {} },
      states: {
        reading: {
          invoke: {
            id: 'restore',
            src: 'restore',
            onDone: [
              {
                guard: hasOutcome('restored'),
                actions: [
                  { type: 'warnGivenToken', params: outcomeOf<'restored'>() },
                  { type: 'restore', params: outcomeOf<'restored'>() },
                ],
                target: '#auth.reconnecting',
              },
              {
                guard: hasOutcome('empty'),
                actions: { type: 'restore', params: outcomeOf<'empty'>() },
                target: [...required],
              },
              toFailed.unusable,
              otherwiseTo('backingOff'),
            ],
            onError: errorTo('backingOff'),
          },
        },
        backingOff: {
          description: 'The store or the homeserver cannot be reached; retries later.',
          after: { backoff: 'reading' },
          on: { retry: 'reading' },
        },
      },
    },

    valid: {
      description: 'Signed in, and the client is live.',
      tags: ['usable', 'live'],
      entry: 'clearFailures',
      initial: 'deciding',
      states: {
        deciding: {
          always: [
            { guard: 'tokenDoubted', target: 'checking' },
            { guard: 'renewalScheduled', target: 'scheduled' },
            { target: 'resting' },
          ],
        },
        scheduled: {
          description: 'The token will be renewed ahead of its expiry.',
          after: { renewalDue: '#auth.refreshing' },
        },
        resting: { description: 'The token does not expire, or nothing can be done ahead of its end.' },
        checking: {
          description: 'A request was refused; asks whoami whether the token is dead. Other requests go on.',
          entry: 'noteTokenDoubted',
          // One question answers every refusal of this token.
          on: { 'token.rejected': {}, 'token.doubted': {} },
          invoke: {
            id: 'check',
            src: 'identify',
            input: attempt,
            onDone: [...whoamiAnswers('deciding', 'backingOff')],
            onError: errorTo('backingOff'),
          },
        },
        backingOff: {
          description:
            'A request was refused, and whoami gave no answer; asks again later. Other requests go on.',
          on: { 'token.rejected': {}, 'token.doubted': {}, retry: 'checking' },
          after: { backoff: 'checking' },
        },
      },
      on: {
        'token.rejected': [...tokenRejected('.checking')],
        'token.doubted': {
          guard: { type: 'currentTokenRejected', params: eventParams },
          target: '.checking',
        },
        refresh: { guard: 'canRenew', target: 'refreshing' },
        'credentials.provided': {
          actions: ['clearFailures', { type: 'noteCredentials', params: eventParams }],
          target: '.deciding',
        },
        'client.died': [
          {
            guard: 'clientEndsAtOnce',
            actions: ['noteClientDied', 'noteShortLife'],
            target: '#auth.reconnecting.pausing',
          },
          { actions: 'noteClientDied', target: 'reconnecting' },
        ],
        'leadership.changed': { actions: 'requestClientReplacement', target: 'reconnecting' },
      },
    },

    refreshing: {
      description: 'Gets a new token: by its refresh token, else by signing in, else later.',
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
                  { guard: { type: 'currentTokenLocked', params: eventParams }, target: '#auth.locked' },
                  {
                    guard: { type: 'rejectedWhileAuthorizing', params: eventParams },
                    target: '#auth.valid.checking',
                  },
                  {
                    guard: { type: 'currentTokenRejected', params: eventParams },
                    actions: ['noteTokenRejected', 'retryNow'],
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
                { guard: 'tokenDoubtful', target: '#auth.reconnecting.verifying' },
                { guard: 'canLogIn', target: 'loggingIn' },
                { guard: 'tokenUsableClientDead', target: '#auth.reconnecting' },
                { guard: 'givenTokenUntried', target: '#auth.restoring.backingOff' },
                { guard: 'givenTokenDue', target: '#auth.restoring' },
                { guard: 'canAuthorize', target: 'authorizing' },
                {
                  guard: 'tokenUsableLoginRefused',
                  actions: { type: 'warn', params: { kind: 'login-refused' } },
                  target: '#auth.valid',
                },
                { guard: 'tokenUsable', target: '#auth.valid' },
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
                input: attempt,
                onDone: [...exchangeAnswers('backingOff')],
                onError: errorTo('backingOff'),
              },
            },
            loggingIn: {
              description: 'Signs in with the credentials, on the same device as before.',
              on: {
                'credentials.provided': {
                  actions: { type: 'noteCredentials', params: eventParams },
                  target: 'deciding',
                },
              },
              invoke: {
                id: 'logIn',
                src: 'logIn',
                input: attempt,
                onDone: [...signInAnswers('backingOff')],
                onError: errorTo('backingOff'),
              },
            },
            authorizing: {
              description:
                'Waits for a person to approve the sign-in. A token that still works goes on serving.',
              tags: 'authorizing',
              on: {
                retry: 'deciding',
                'client.died': { actions: 'noteClientDied', target: 'deciding' },
                'credentials.provided': {
                  actions: { type: 'noteCredentials', params: eventParams },
                  target: 'deciding',
                },
              },
              invoke: {
                id: 'authorize',
                src: 'authorize',
                input: attempt,
                onDone: [...signInAnswers('backingOff')],
                onError: errorTo('backingOff'),
              },
            },
            backingOff: {
              description: 'The attempt failed without harm; retries later.',
              after: { backoff: 'deciding' },
              on: {
                retry: 'deciding',
                'credentials.provided': {
                  actions: ['resetFailures', { type: 'noteCredentials', params: eventParams }],
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
            input: attempt,
            onDone: [tokensNeverAccepted, ...whoamiAnswers('connecting', 'backingOff')],
            onError: errorTo('backingOff'),
          },
        },
        backingOff: {
          description: 'The homeserver did not say whose token this is; asks again later.',
          after: { backoff: [...verifyAgain] },
          on: { retry: [...verifyAgain] },
        },
        pausing: {
          description:
            'The client ended soon after its start, or cannot be started yet; waits before it is started again. Requests go on.',
          tags: 'usable',
          after: { clientPause: 'deciding' },
          on: { retry: 'deciding', 'token.rejected': [...tokenRejected('verifying')] },
        },
        connecting: {
          description: 'Starts the client, replaces it, or gives it the new token where it stands.',
          tags: 'usable',
          invoke: {
            id: 'connect',
            src: 'connect',
            input: ({ context }) => ({ ...attempt({ context }), replace: context.client.replace }),
            onDone: [
              toFailed.unusable,
              { ...otherwiseTo('pausing'), guard: hasOutcome('trouble') },
              { guard: { type: 'tokenMovedOn', params: outcome }, target: 'connecting', reenter: true },
              { actions: 'noteConnected', target: '#auth.valid' },
            ],
            onError: {
              actions: { type: 'fail', params: { reason: 'client-failed' } },
              target: '#auth.failed',
            },
          },
          on: {
            // A mere new token for the same device: the client goes on connecting, and gets it afterwards.
            'session.adopted': {
              guard: { type: 'newerSessionOfSameDevice', params: eventParams },
              actions: [
                { type: 'announceAdopted', params: eventParams },
                { type: 'adopt', params: eventParams },
              ],
            },
            'client.died': [
              { guard: 'clientEndsAtOnce', actions: ['noteClientDied', 'noteShortLife'], target: 'pausing' },
              { actions: 'noteClientDied', target: 'connecting', reenter: true },
            ],
            'leadership.changed': {
              actions: 'requestClientReplacement',
              target: 'connecting',
              reenter: true,
            },
            'token.rejected': [...tokenRejected('verifying')],
          },
        },
      },
    },

    locked: {
      description:
        'An administrator locked the account. Keeps everything and checks, ever less often, whether it is unlocked.',
      entry: ['announceLocked', 'requireVerification'],
      initial: 'waiting',
      on: { retry: [{ guard: 'sessionless', target: [...required] }, { target: '.asking' }] },
      states: {
        waiting: {
          after: { lockProbe: [{ guard: 'sessionless', target: [...required] }, { target: 'asking' }] },
        },
        asking: {
          description: 'Asks with the token; without a token, tries to sign in instead.',
          invoke: {
            id: 'probe',
            src: 'identify',
            input: attempt,
            onDone: [
              identifiedTo('#auth.reconnecting'),
              toFailed.someoneElse,
              { guard: refused('token-dead'), actions: 'noteTokenDead', target: [...required] },
              toFailed.deactivated,
              otherwiseTo('waiting'),
            ],
            onError: errorTo('waiting'),
          },
        },
      },
    },

    failed: {
      description: 'Only a person can help; the reason says how.',
      tags: 'needs-person',
      entry: 'announceFailure',
      on: {
        'logged.out': {},
        retry: { actions: 'resetFailures', target: 'restoring' },
        'credentials.provided': {
          actions: ['resetFailures', { type: 'noteCredentials', params: eventParams }],
          target: 'restoring',
        },
      },
    },

    stopped: { type: 'final', description: 'Stopped by its owner; nothing runs any more.' },
  },
});
