import { type TroubleCode, troubleAdvice, troubleCodes } from '../../adapters/homeserver/index.ts';
import type { FailureReason, Warning } from '../../machines/auth/index.ts';

/** What can trouble a session besides the way to its homeserver, and what to do about it. */
const advice = {
  'store-away':
    'Check that the session store can be reached, and that no other process holds it. The bot goes on with the token it has, and asks the store again by itself.',
  'sync-refused':
    'The homeserver refuses the request that brings new messages. Look the error up in its log; a filter, a proxy rule or the state of the account may be the reason. The bot asks again by itself.',
  'sync-slow':
    'No messages arrive. An account in many rooms may need minutes for its first sync; if it lasts, look into the homeserver’s log, and raise the time limit of the proxy in front of it. The bot asks again by itself.',
  'encryption-unavailable': 'Give matrixJsSdk() the option crypto, and a token of a device.',
  'encryption-not-kept':
    'After a restart others do not trust the device. Give matrixJsSdk() the option crypto in place of initRustCrypto().',
  'crypto-in-use':
    'End the other process, or give this bot a session of its own; it goes on by itself once the keys are free.',
  'crypto-store-away': 'Make room on the disk, and let the bot write to the file. It goes on by itself.',
  undecryptable:
    'Most often the sender’s client has not shared the key with this device. If the key comes later, the message is handed over then.',
  'handler-failed':
    'The event counts as handled, and the next one of the room goes on. Catch the error in the handler if the bot is to do something about it.',
  'handler-slow':
    'The event counts as handled, and the next one of the room goes on beside it. A handler that needs longer is given it by the option handlerTimeoutMs; 0 waits for none.',
  'message-refused':
    'It is not tried again. Listen for "outgoing" to learn of each such message, or wait for the promise of send().',
  'message-expired':
    'It was too old to be sent later. The option outgoing.maxAgeMs is how long a message may wait; listen for "outgoing" to learn of each.',
  'send-before-start':
    'Call start() first: messages are sent once the bot is signed in, and what waits for one before start() waits for ever.',
  'authorization-stripped':
    'Most likely a proxy in front of it strips the Authorization header; let it pass the header on.',
  'endpoint-refuses-token':
    'Its refusals go to whoever asked, and the session goes on. Most likely a proxy routes this path to another server, or a module of the homeserver answers wrongly; ask its administrator.',
  'device-shared':
    'Perhaps another process, or another instance of this bot without a shared store, uses the same account and device, and each login ends the session of the other. Give them one session store, or a sessionName each. If there is no other, ask the administrator what ends the sessions.',
  'secret-unavailable':
    'Mend the file or the function that was given for it. The bot goes on with the token it has, if it has one, and asks again by itself.',
  'package-missing':
    'Install it beside this package. The bot goes on with the token it has, if it has one, and looks again by itself.',
  'no-authorization-server':
    'What answers there is not the server that signs the bot in: perhaps the login page of the network (sign in there first), or a proxy that leads its paths elsewhere. The bot goes on with the token it has, if it has one, and asks again by itself.',
  'port-taken':
    'Give another one with the option port of oauth(), or end what listens there. The bot tries again by itself.',
  'account-locked':
    'An administrator of the homeserver can unlock the account. The bot keeps its session, and looks by itself whether it is unlocked.',
  'homeserver-refuses':
    'The error is the server’s own; its log, or its administrator, can say more. The bot asks again by itself.',
  unexpected:
    'This is a bug of matrix-auth-machine, or of an adapter. The bot tries again; please report it.',
} as const;

/** What troubles a session. Each is a section of `docs/troubleshooting.md`. */
export type SessionTroubleCode = TroubleCode | keyof typeof advice;

export const sessionTroubleCodes = [...troubleCodes, ...Object.keys(advice)] as readonly SessionTroubleCode[];

/** What was found to be wrong. It holds no secret. */
export interface Diagnosis {
  readonly code: SessionTroubleCode;
  /** What happened, as a phrase that begins with its subject. */
  readonly what: string;
  /** Of what it is told where there may be several at once: each is told for itself. */
  readonly about?: string;
}

/** Where the documentation says more: of trouble, of a warning, or of why a session has failed. */
export function seeSection(code: SessionTroubleCode | Warning['kind'] | FailureReason): string {
  return `See docs/troubleshooting.md#${code}.`;
}

/** What to do about it, with the section of the documentation that says more. */
export function adviceFor(code: SessionTroubleCode): string {
  return isOurs(code) ? `${advice[code]} ${seeSection(code)}` : troubleAdvice(code);
}

function isOurs(code: SessionTroubleCode): code is keyof typeof advice {
  return Object.hasOwn(advice, code);
}
