import { isRepeated } from '../sync/index.ts';

/** An event of a room, as the specification has it. */
export interface MatrixEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
  readonly state_key?: string;
  readonly unsigned?: Readonly<Record<string, unknown>>;
}

/** An event as it is handed to the bot. */
export interface BotEvent<Client> {
  readonly client: Client;
  readonly roomId: string;
  readonly event: MatrixEvent;
  /** The bot may have handled it before: the process of that time was killed. */
  readonly repeated: boolean;
}

type Handler<Client> = (event: BotEvent<Client>) => unknown;

export interface BotHandlers<Client> {
  readonly onMessage: Handler<Client> | undefined;
  readonly onEvent: Handler<Client> | undefined;
}

/** Those of the handlers that want this, ready to be called. */
export function handlersOf<Client>(
  { onMessage, onEvent }: BotHandlers<Client>,
  type: string,
  userId: string,
  what: Omit<BotEvent<Client>, 'repeated'>,
): (() => unknown)[] {
  const handler = type === 'room.event' ? onEvent : type === 'room.message' ? onMessage : undefined;
  if (handler === undefined || (handler === onMessage && what.event.sender === userId)) return [];
  return [() => handler({ ...what, repeated: isRepeated(what.event) })];
}
