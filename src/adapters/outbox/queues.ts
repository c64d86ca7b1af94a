import type { QueuedMessage } from '../../ports/index.ts';
import type { Sent } from './options.ts';
import { Pauses } from './pauses.ts';
import { RoomRequests, type RoomRequestsOptions } from './room-requests.ts';
import { Slots } from './slots.ts';

/** How many messages are on their way at once, each in a room of its own. */
const CONCURRENT = 8;

/** A message that waits. */
export interface Entry {
  message: QueuedMessage;
  readonly sent: PromiseWithResolvers<Sent>;
  /** Resolves when it is stored, or could not be. */
  readonly stored: Promise<void>;
  /** The bot has chosen the id. */
  readonly named: boolean;
  /** A request was sent whose answer did not say that it was not executed. */
  tried: boolean;
  /** It may be in the room, and the homeserver may not know its transaction. */
  doubtful: boolean;
}

/** What is queued, and who sends it. */
export class Queues {
  readonly rooms = new Map<string, Entry[]>();
  readonly byId = new Map<string, Entry>();
  readonly workers = new Set<Promise<void>>();
  readonly slots = new Slots(CONCURRENT);
  readonly pauses = new Pauses();
  readonly requests: RoomRequests;
  /** Ends the requests that are on their way. */
  readonly end = new AbortController();

  constructor(options: RoomRequestsOptions) {
    this.requests = new RoomRequests(options);
  }
}
