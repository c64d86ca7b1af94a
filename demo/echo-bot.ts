import { type MatrixClient, type MatrixEvent, MsgType, RoomEvent } from 'matrix-js-sdk';
import { matrixJsSdk } from '../src/adapters/matrix-js-sdk/index.ts';
import { createMatrixAuth, type Credentials, type MatrixAuth, type SessionStore } from '../src/index.ts';
import { quietLogger } from './quiet-logger.ts';

export interface EchoBotOptions {
  readonly homeserver: string;
  readonly credentials: Credentials;
  /** Where its session lives. Default: in this process. */
  readonly sessions?: SessionStore;
  /** Called with each message that the bot is given. */
  readonly onHeard: (message: { readonly eventId: string; readonly text: string }) => void;
  /** Called when an answer is on the homeserver. */
  readonly onAnswered?: () => void;
  /** Called when the homeserver did not take an answer, or did not let the bot join. */
  readonly onFailed: (error: unknown) => void;
}

const PREFIX = 'echo: ';

/** A bot that joins where it is invited, and answers each text message with the same text. */
export function createEchoBot(options: EchoBotOptions): MatrixAuth<MatrixClient> {
  const { homeserver, credentials, sessions, onHeard, onAnswered, onFailed } = options;

  async function answer(client: MatrixClient, event: MatrixEvent): Promise<void> {
    const { msgtype, body } = event.getContent();
    const [roomId, eventId] = [event.getRoomId(), event.getId()];
    if (event.getType() !== 'm.room.message' || msgtype !== MsgType.Text || typeof body !== 'string') return;
    if (event.getSender() === client.getUserId() || roomId === undefined || eventId === undefined) return;
    onHeard({ eventId, text: body });
    const content = {
      msgtype: MsgType.Notice,
      body: `${PREFIX}${body}`,
      'm.relates_to': { 'm.in_reply_to': { event_id: eventId } },
    } as const;
    // A transaction id made from the event: a bot that is killed here and hears it again does not answer it twice.
    await client.sendMessage(roomId, content, `echo-${eventId}`);
    onAnswered?.();
  }

  const failed = (error: unknown) => {
    // What is under way when the session is stopped ends with it.
    if (auth.snapshot().state !== 'stopped') onFailed(error);
  };
  const auth = createMatrixAuth({
    homeserver,
    credentials,
    // What is good is told by the demo itself.
    logger: { warn: (line) => console.warn(line), error: (line) => console.error(line) },
    ...(sessions === undefined ? {} : { sessions }),
    client: matrixJsSdk({
      create: { logger: quietLogger },
      onClient: (client) => {
        client.on(RoomEvent.MyMembership, (room, membership) => {
          if (membership === 'invite') client.joinRoom(room.roomId).catch(failed);
        });
        client.on(RoomEvent.Timeline, (event) => {
          answer(client, event).catch(failed);
        });
      },
    }),
  });
  return auth;
}

/** The text that is answered by this event; `undefined` if it is no answer of an echo bot. */
export function answeredText(event: MatrixEvent): string | undefined {
  const { msgtype, body } = event.getContent();
  return msgtype === MsgType.Notice && typeof body === 'string' && body.startsWith(PREFIX)
    ? body.slice(PREFIX.length)
    : undefined;
}
