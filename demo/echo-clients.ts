import type { ClientPort, CryptoStore } from '../src/ports/index.ts';

/** The SDKs that the bot can stand on. */
export type Sdk = 'matrix-js-sdk' | 'matrix-bot-sdk';

/** A message of somebody else, by whichever SDK. */
export interface Message {
  readonly roomId: string;
  readonly eventId: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface EchoHandlers {
  /** Its promise is waited for. */
  readonly onMessage: (message: Message) => Promise<void>;
  /** Called with what joins the room. */
  readonly onInvited: (join: () => Promise<unknown>) => void;
}

/** A client of this SDK that hands on what an echo bot wants to know. Only matrix-js-sdk takes the keys of encrypted rooms. */
export function echoClientOn(
  sdk: Sdk,
  handlers: EchoHandlers,
  crypto: CryptoStore | undefined,
): Promise<ClientPort<unknown>> {
  return sdk === 'matrix-js-sdk' ? onMatrixJsSdk(handlers, crypto) : onMatrixBotSdk(handlers);
}

// Each SDK takes a second to load, and one of them is not needed.
async function onMatrixJsSdk(
  { onMessage, onInvited }: EchoHandlers,
  crypto: CryptoStore | undefined,
): Promise<ClientPort<unknown>> {
  const [{ RoomEvent }, { matrixJsSdk }, { quietLogger }] = await Promise.all([
    import('matrix-js-sdk'),
    import('../src/adapters/matrix-js-sdk/index.ts'),
    import('./quiet-logger.ts'),
  ]);
  return matrixJsSdk({
    create: { logger: quietLogger },
    ...(crypto === undefined ? {} : { crypto }),
    onClient(client) {
      client.on(RoomEvent.MyMembership, (room, membership) => {
        if (membership === 'invite') onInvited(() => client.joinRoom(room.roomId));
      });
    },
    onMessage: ({ room, event }) =>
      onMessage({ roomId: room.roomId, eventId: event.getId() ?? '', content: event.getContent() }),
  });
}

async function onMatrixBotSdk({ onMessage, onInvited }: EchoHandlers): Promise<ClientPort<unknown>> {
  // The SDK stands on a library of which Node warns.
  process.noDeprecation = true;
  const [{ LogService, MatrixClient, MatrixError }, { matrixBotSdk }] = await Promise.all([
    import('matrix-bot-sdk'),
    import('../src/adapters/matrix-bot-sdk/index.ts'),
  ]);
  const silent = () => {};
  LogService.setLogger({ trace: silent, debug: silent, info: silent, warn: silent, error: silent });
  return matrixBotSdk({
    create: ({ homeserverUrl, accessToken, storage }) =>
      new MatrixClient(homeserverUrl, accessToken, storage),
    MatrixError,
    onClient(client) {
      client.on('room.invite', (roomId: string) => onInvited(() => client.joinRoom(roomId)));
    },
    onMessage: ({ roomId, event }) => onMessage({ roomId, eventId: event.event_id, content: event.content }),
  });
}
