import type { Rejection } from '../../../machines/auth/index.ts';
import type { SignInAdvice } from '../../../ports/index.ts';

const again = 'Call retry() or restart to be asked again.';
const askForClient =
  'Ask its administrator to register a client for the bot, and give its id with the option clientId.';

/** What a refusal means for the person who has to do something, by its error. */
const refusals: Readonly<Record<string, string>> = {
  access_denied: `The sign-in was denied on the page of the authorization server. ${again}`,
  invalid_scope:
    'The authorization server does not give access to this device id. Give another one with the option deviceId: ten letters, digits, or more.',
  invalid_client:
    'The authorization server does not know the client. Check the option clientId, or leave it out, so that the bot registers itself.',
};

/** What the refusal of a registration means. All others are that programs may not register themselves. */
const refusedRegistrations: Readonly<Record<string, string>> = {
  invalid_client_metadata:
    'The authorization server does not register this client. Give clientUri, an https page about your bot, and clientName; or ask its administrator, and use the option clientId.',
  invalid_redirect_uri:
    'The authorization server takes no redirect to this computer. Use the device grant (grant: "device"), or ask its administrator for a clientId.',
};

/** What is not to be had here, and what is in its place. */
const missing = {
  api: 'This homeserver has no OAuth 2.0 API. Use a password (MATRIX_USERNAME and MATRIX_PASSWORD), and check that HOMESERVER_URL is the homeserver.',
  device:
    'The authorization server of this homeserver has no device grant. Use oauth({ grant: "browser" }), which needs a browser on the same computer, or another way to sign in.',
  browser:
    'The authorization server of this homeserver has no sign-in in a browser. Leave the option grant out, or use another way to sign in.',
  registration: `The authorization server of this homeserver registers no clients by itself. ${askForClient}`,
  permission:
    'The authorization server does not let this client sign in in this way. Check what the client of the option clientId was registered for, or try the other grant with the option grant.',
} as const;

/** The advice of a sign-in by OAuth 2.0, which depends on what was refused last. */
export class OAuthWords {
  #refused: string | undefined;
  #missing: keyof typeof missing = 'api';

  get advice(): SignInAdvice {
    return {
      refused: this.#refused ?? `The authorization server refused the sign-in. ${again}`,
      unsupported: missing[this.#missing],
    };
  }

  clear(): void {
    this.#refused = undefined;
    this.#missing = 'api';
  }

  refused(error: string | undefined): void {
    this.#refused ??= textIn(refusals, error);
  }

  registrationRefused({ status, errcode }: Rejection): void {
    const answer = [status, errcode].filter((part) => part !== undefined).join(' ');
    this.#refused ??=
      textIn(refusedRegistrations, errcode) ??
      `The authorization server does not let programs register themselves (${answer}). ${askForClient}`;
  }

  missing(what: keyof typeof missing): void {
    this.#missing = what;
  }

  otherUser(approvedAs: string, expected: string): void {
    this.#refused = `The sign-in was approved as ${approvedAs}, and the bot is ${expected}. Nothing was sent as ${approvedAs}, and that sign-in was revoked. Approve it with the right account, or give this bot a session store (or session name) of its own. ${again}`;
  }

  /** @param what as a phrase that begins with its subject */
  otherIssuer(what: string): void {
    this.#refused = `${what.replace(/^./, (first) => first.toUpperCase())}, so the sign-in was left. The administrator of the homeserver has to make both the same. ${again}`;
  }
}

function textIn(sentences: Readonly<Record<string, string>>, error = ''): string | undefined {
  return Object.hasOwn(sentences, error) ? sentences[error] : undefined;
}
