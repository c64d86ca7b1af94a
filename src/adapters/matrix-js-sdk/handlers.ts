import { type MatrixClient, type MatrixEvent, type Room, RoomEvent } from 'matrix-js-sdk';
import { callAll, type Delivery, isRepeated } from '../sync/index.ts';

/** An event as it is handed to the bot. */
export interface ClientEvent {
  readonly client: MatrixClient;
  readonly room: Room;
  readonly event: MatrixEvent;
  /** The bot may have handled it before: the process of that time was killed. */
  readonly repeated: boolean;
}

type Handler = (event: ClientEvent) => unknown;

export interface SdkHandlers {
  readonly onMessage: Handler | undefined;
  readonly onEvent: Handler | undefined;
}

/**
 * Hands the client's live events to the bot's handlers, and waits for those.
 * @param delivery what the events belong to; `undefined` for those that have not come by `/sync`
 */
export function handEvents(
  client: MatrixClient,
  { onMessage, onEvent }: SdkHandlers,
  delivery: () => Delivery | undefined,
): void {
  if (onMessage === undefined && onEvent === undefined) return;
  const handle = async (event: MatrixEvent, room: Room) => {
    await client.decryptEventIfNeeded(event);
    const what = { client, room, event, repeated: isRepeated(event) };
    const isMessage = event.getType() === 'm.room.message' && event.getSender() !== client.getUserId();
    await callAll([
      ...(isMessage && onMessage !== undefined ? [() => onMessage(what)] : []),
      ...(onEvent === undefined ? [] : [() => onEvent(what)]),
    ]);
  };
  client.on(RoomEvent.Timeline, (event, room, toStartOfTimeline, _removed, data) => {
    // What this client sends itself is in the timeline before it is sent.
    if (room === undefined || toStartOfTimeline || data?.liveEvent !== true || event.status !== null) return;
    const what = { roomId: room.roomId, type: RoomEvent.Timeline, eventId: event.getId() };
    delivery()?.hand(what, () => handle(event, room));
  });
}
