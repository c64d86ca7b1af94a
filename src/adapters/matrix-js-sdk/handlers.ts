import { type MatrixClient, type MatrixEvent, type Room, RoomEvent } from 'matrix-js-sdk';
import type { ClientTrouble } from '../../ports/index.ts';
import { callAll, isRepeated } from '../sync/index.ts';
import { Decryption } from './decryption.ts';
import type { SdkProgress } from './progress.ts';

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

const MESSAGES: readonly string[] = ['m.room.message', 'm.room.encrypted'];

/**
 * Hands the client's live events to the bot's handlers, and waits for those.
 * @param progress knows what the events belong to; those that have not come by `/sync` belong to nothing
 */
export function handEvents(
  client: MatrixClient,
  { onMessage, onEvent }: SdkHandlers,
  progress: SdkProgress,
  onTrouble: (trouble: ClientTrouble) => void,
): void {
  if (onMessage === undefined && onEvent === undefined) return;
  const decryption = new Decryption(client, {
    onTrouble,
    onLate: (event) => {
      const room = client.getRoom(event.getRoomId());
      if (room !== null) progress.late(described(event, room), () => call(event, room, true));
    },
  });
  const handle = async (event: MatrixEvent, room: Room) => call(event, room, await decryption.decrypt(event));
  const call = (event: MatrixEvent, room: Room, readable: boolean) => {
    const what = { client, room, event, repeated: isRepeated(event) };
    const isMessage =
      readable && event.getType() === 'm.room.message' && event.getSender() !== client.getUserId();
    return callAll([
      ...(isMessage && onMessage !== undefined ? [() => onMessage(what)] : []),
      ...(onEvent === undefined ? [] : [() => onEvent(what)]),
    ]);
  };
  client.on(RoomEvent.Timeline, (event, room, toStartOfTimeline, _removed, data) => {
    if (room === undefined || !isNews(event, toStartOfTimeline, data)) return;
    progress.delivery?.hand(described(event, room), () => handle(event, room));
  });
}

function described(event: MatrixEvent, { roomId }: Room) {
  return { roomId, type: RoomEvent.Timeline, eventId: event.getId() };
}

/** Calls `onReceived` with each message of somebody else that comes, encrypted ones included. */
export function countMessages(client: MatrixClient, onReceived: (() => void) | undefined): void {
  client.on(RoomEvent.Timeline, (event, _room, toStartOfTimeline, _removed, data) => {
    if (!isNews(event, toStartOfTimeline, data) || event.getSender() === client.getUserId()) return;
    if (MESSAGES.includes(event.getType())) onReceived?.();
  });
}

function isNews(
  event: MatrixEvent,
  toStartOfTimeline: boolean | undefined,
  data: { readonly liveEvent?: boolean } | undefined,
): boolean {
  // What this client sends itself is in the timeline before it is sent.
  return toStartOfTimeline !== true && data?.liveEvent === true && event.status === null;
}
