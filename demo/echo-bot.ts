import type { MatrixEvent } from 'matrix-js-sdk';
import { createMatrixAuth, type Credentials, type MatrixAuth, type SessionStore } from '../src/index.ts';
import type { CryptoStore } from '../src/ports/index.ts';
import { echoClientOn, type Message, type Sdk } from './echo-clients.ts';

export interface EchoBotOptions {
  readonly homeserver: string;
  readonly credentials: Credentials;
  readonly sdk: Sdk;
  /** Where its session lives. Default: in this process. */
  readonly sessions?: SessionStore;
  /** Its keys of encrypted rooms, on matrix-js-sdk. Default: it has none. */
  readonly crypto?: CryptoStore;
  /** Called with each message that the bot is given. */
  readonly onHeard: (message: { readonly eventId: string; readonly text: string }) => void;
  /** Called when an answer is on the homeserver. */
  readonly onAnswered?: () => void;
  /** Called when the homeserver did not take an answer, or did not let the bot join. */
  readonly onFailed: (error: unknown) => void;
}

const PREFIX = 'echo: ';

/** A bot that joins where it is invited, and answers each text message with the same text. */
export async function createEchoBot(options: EchoBotOptions): Promise<MatrixAuth<unknown>> {
  const { homeserver, credentials, sdk, sessions, crypto, onHeard, onAnswered, onFailed } = options;

  async function answer({ roomId, eventId, content: { msgtype, body } }: Message): Promise<void> {
    if (msgtype !== 'm.text' || typeof body !== 'string') return;
    onHeard({ eventId, text: body });
    const content = {
      msgtype: 'm.notice',
      body: `${PREFIX}${body}`,
      'm.relates_to': { 'm.in_reply_to': { event_id: eventId } },
    };
    // The id is made from the event: a bot that is killed here and hears it again does not answer it twice.
    await auth.send(roomId, content, { id: `echo-${eventId}` });
    onAnswered?.();
  }

  const failed = (error: unknown) => {
    // What is under way when the session is stopped ends with it.
    if (auth.snapshot().state !== 'stopped') onFailed(error);
  };
  const handlers = {
    onMessage: (message: Message) => answer(message).catch(failed),
    onInvited: (join: () => Promise<unknown>) => void join().catch(failed),
  };
  const client = await echoClientOn(sdk, handlers, crypto);
  const auth: MatrixAuth<unknown> = createMatrixAuth({
    homeserver,
    credentials,
    // What is good is told by the demo itself.
    logger: { warn: (line) => console.warn(line), error: (line) => console.error(line) },
    ...(sessions === undefined ? {} : { sessions }),
    client,
  });
  return auth;
}

/** The text that is answered by this event; `undefined` if it is no answer of an echo bot. */
export function answeredText(event: MatrixEvent): string | undefined {
  const { msgtype, body } = event.getContent();
  return msgtype === 'm.notice' && typeof body === 'string' && body.startsWith(PREFIX)
    ? body.slice(PREFIX.length)
    : undefined;
}
