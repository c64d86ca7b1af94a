import type { SignInAdvice } from '../../../ports/index.ts';

const again = 'Call retry() or restart to be asked again.';

/** What a refusal means for the person who has to do something, by its error. */
const sentences: Readonly<Record<string, string>> = {
  access_denied: `The sign-in was denied on the page of the authorization server. ${again}`,
  invalid_scope:
    'The authorization server does not give access to this device id. Give another one with the option deviceId: ten letters, digits, or more.',
  invalid_client:
    'The authorization server does not know the client. Check the option clientId, or leave it out, so that the bot registers itself.',
  invalid_client_metadata:
    'The authorization server does not register this client. Give clientUri, an https page about your bot, and clientName; or ask its administrator, and use the option clientId.',
  invalid_redirect_uri:
    'The authorization server takes no redirect to this computer. Use the device grant (grant: "device"), or ask its administrator for a clientId.',
};

/** The advice of a sign-in by OAuth 2.0, which depends on what was refused last. */
export class OAuthWords {
  #refused: string | undefined;

  get advice(): SignInAdvice {
    return {
      refused: this.#refused ?? `The authorization server refused the sign-in. ${again}`,
      unsupported:
        'This homeserver has no OAuth 2.0 API, or not this way to approve. Use a password (MATRIX_USERNAME and MATRIX_PASSWORD), and check that HOMESERVER_URL is the homeserver.',
    };
  }

  clear(): void {
    this.#refused = undefined;
  }

  refused(error: string | undefined): void {
    this.#refused ??= Object.hasOwn(sentences, error ?? '') ? sentences[error as string] : undefined;
  }

  otherUser(approvedAs: string, expected: string): void {
    this.#refused = `The sign-in was approved as ${approvedAs}, and the bot is ${expected}. Nothing was sent as ${approvedAs}, and that sign-in was revoked. Approve it with the right account, or give this bot a session store (or session name) of its own. ${again}`;
  }
}
