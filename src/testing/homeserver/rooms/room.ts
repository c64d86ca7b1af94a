import { asNumber, asObject, asString, type JsonObject } from '../../json.ts';

/** An event of a room, complete. */
export interface RoomEvent {
  readonly eventId: string;
  readonly roomId: string;
  readonly type: string;
  readonly sender: string;
  readonly content: JsonObject;
  /** Set on state events only. */
  readonly stateKey?: string;
  readonly originServerTs: number;
  /** Its place in the stream of everything. */
  readonly position: number;
  /** The state event it replaced. */
  readonly replaces?: RoomEvent;
  /** The device that sent it and the transaction id it gave; told to nobody else. */
  readonly transaction?: { readonly userId: string; readonly deviceId: string; readonly id: string };
}

export interface Receipt {
  readonly userId: string;
  readonly eventId: string;
  readonly type: string;
  readonly ts: number;
  readonly position: number;
}

const stateOf = (type: string, stateKey: string) => `${type}\n${stateKey}`;

/** A room: its events in order, and what follows from them. */
export class Room {
  readonly roomId: string;
  readonly #events: RoomEvent[] = [];
  readonly #state = new Map<string, RoomEvent>();
  readonly #members = new Map<string, RoomEvent[]>();
  readonly #byId = new Map<string, RoomEvent>();
  readonly #receipts = new Map<string, Receipt>();
  /** The users typing, and since when in the stream that has been so. */
  typing: { readonly userIds: ReadonlySet<string>; readonly position: number } = {
    userIds: new Set(),
    position: 0,
  };

  constructor(roomId: string) {
    this.roomId = roomId;
  }

  append(event: RoomEvent): void {
    this.#events.push(event);
    this.#byId.set(event.eventId, event);
    if (event.stateKey === undefined) return;
    this.#state.set(stateOf(event.type, event.stateKey), event);
    if (event.type === 'm.room.member') {
      const history = this.#members.get(event.stateKey);
      if (history === undefined) this.#members.set(event.stateKey, [event]);
      else history.push(event);
    }
  }

  event(eventId: string): RoomEvent | undefined {
    return this.#byId.get(eventId);
  }

  state(type: string, stateKey = ''): RoomEvent | undefined {
    return this.#state.get(stateOf(type, stateKey));
  }

  currentState(): RoomEvent[] {
    return [...this.#state.values()];
  }

  /** Events with `after < position <= upTo`, in order. */
  events(after = 0, upTo = Number.POSITIVE_INFINITY): RoomEvent[] {
    return this.#events.slice(this.#indexAfter(after), this.#indexAfter(upTo));
  }

  /** Index of the first event after this position. */
  #indexAfter(position: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The member events of a user, in order. */
  memberHistory(userId: string): readonly RoomEvent[] {
    return this.#members.get(userId) ?? [];
  }

  membershipEvent(userId: string, at = Number.POSITIVE_INFINITY): RoomEvent | undefined {
    return this.memberHistory(userId).findLast((event) => event.position <= at);
  }

  /** `invite`, `join`, `leave` or `ban`; `undefined` if the room never heard of the user. */
  membership(userId: string, at = Number.POSITIVE_INFINITY): string | undefined {
    return asString(this.membershipEvent(userId, at)?.content['membership']);
  }

  /** Whether the user is or was in the room. */
  wasJoinedBy(userId: string): boolean {
    return this.#seenUpTo(userId) > 0;
  }

  /**
   * Whether the user may see an event: everything from before they last left, as with history visibility `shared`,
   * and what concerns their own membership.
   */
  visibilityFor(userId: string): (event: RoomEvent) => boolean {
    const upTo = this.#seenUpTo(userId);
    return ({ position, type, stateKey }) =>
      position <= upTo || (type === 'm.room.member' && stateKey === userId);
  }

  /** Position of the event by which the user last left; infinite while they are joined, 0 if they never were. */
  #seenUpTo(userId: string): number {
    const history = this.memberHistory(userId);
    const last = history.findLastIndex((event) => event.content['membership'] === 'join');
    return last < 0 ? 0 : (history[last + 1]?.position ?? Number.POSITIVE_INFINITY);
  }

  /** Every user the room has heard of. */
  members(): string[] {
    return [...this.#members.keys()];
  }

  joined(at = Number.POSITIVE_INFINITY): string[] {
    return this.members().filter((userId) => this.membership(userId, at) === 'join');
  }

  addReceipt(receipt: Receipt): void {
    this.#receipts.set(`${receipt.userId}\n${receipt.type}`, receipt);
  }

  receipts(after: number): Receipt[] {
    return [...this.#receipts.values()].filter((receipt) => receipt.position > after);
  }

  /** The power level of a user, by the room's `m.room.power_levels` (the creator's 100 if there is none). */
  powerOf(userId: string): number {
    const levels = this.state('m.room.power_levels')?.content;
    if (levels === undefined) return this.state('m.room.create')?.sender === userId ? 100 : 0;
    return asNumber(asObject(levels['users'])[userId]) ?? asNumber(levels['users_default']) ?? 0;
  }

  /** The power level an action or an event needs. */
  powerNeeded(
    action: 'invite' | 'kick' | 'ban' | { readonly type: string; readonly isState: boolean },
  ): number {
    const levels = this.state('m.room.power_levels')?.content ?? {};
    if (typeof action === 'string') return asNumber(levels[action]) ?? (action === 'invite' ? 0 : 50);
    const special = asNumber(asObject(levels['events'])[action.type]);
    const usual = asNumber(levels[action.isState ? 'state_default' : 'events_default']);
    return special ?? usual ?? (action.isState ? 50 : 0);
  }
}
