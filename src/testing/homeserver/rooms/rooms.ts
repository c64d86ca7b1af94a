import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../json.ts';
import type { Account } from '../accounts/accounts.ts';
import { randomLetters } from '../accounts/token-strings.ts';
import type { Stream } from '../sync/stream.ts';
import { Room, type RoomEvent } from './room.ts';

export interface NewEvent {
  readonly type: string;
  readonly sender: string;
  readonly content: JsonObject;
  readonly stateKey?: string;
  readonly transaction?: { readonly userId: string; readonly deviceId: string; readonly id: string };
}

/** All rooms and aliases, and the one way in for an event. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #aliases = new Map<string, string>();
  readonly #ofUser = new Map<string, Set<Room>>();
  readonly #serverName: string;
  readonly #stream: Stream;
  readonly #now: () => number;

  constructor(serverName: string, stream: Stream, now: () => number) {
    this.#serverName = serverName;
    this.#stream = stream;
    this.#now = now;
  }

  open(): Room {
    const room = new Room(`!${randomLetters(18)}:${this.#serverName}`);
    this.#rooms.set(room.roomId, room);
    return room;
  }

  find(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  resolveAlias(alias: string): string | undefined {
    return this.#aliases.get(alias);
  }

  addAlias(alias: string, room: Room): void {
    this.#aliases.set(alias, room.roomId);
  }

  /** Every room the user has or had to do with. */
  of(userId: string): ReadonlySet<Room> {
    return this.#ofUser.get(userId) ?? new Set();
  }

  joinedBy(userId: string): Room[] {
    return [...this.of(userId)].filter((room) => room.membership(userId) === 'join');
  }

  /** The user and everyone in a room with them. */
  sharingWith(userId: string): Set<string> {
    return new Set([userId, ...this.joinedBy(userId).flatMap((room) => room.joined())]);
  }

  /**
   * Puts an event at the end of a room and wakes those whom it concerns. Whether it may be sent is decided before;
   * `limit` is asked last, and throws if there have been too many.
   */
  append(room: Room, event: NewEvent, limit?: (userId: string) => void): RoomEvent {
    const replaces = event.stateKey === undefined ? undefined : room.state(event.type, event.stateKey);
    // The same state again, by the same sender, is no event.
    if (replaces?.sender === event.sender && isDeepStrictEqual(replaces.content, event.content))
      return replaces;
    limit?.(event.sender);
    const complete: RoomEvent = {
      ...event,
      eventId: `$${randomBytes(32).toString('base64url')}`,
      roomId: room.roomId,
      originServerTs: this.#now(),
      position: this.#stream.advance(),
      ...(replaces === undefined ? {} : { replaces }),
    };
    room.append(complete);
    const concerned = new Set(room.joined());
    if (event.type === 'm.room.member' && event.stateKey !== undefined) {
      concerned.add(event.stateKey);
      const rooms = this.#ofUser.get(event.stateKey);
      if (rooms === undefined) this.#ofUser.set(event.stateKey, new Set([room]));
      else rooms.add(room);
    }
    this.#stream.notify(concerned);
    return complete;
  }

  setMembership(
    room: Room,
    change: {
      readonly sender: string;
      readonly target: Pick<Account, 'userId' | 'displayName' | 'avatarUrl'>;
      readonly membership: 'invite' | 'join' | 'leave' | 'ban';
      readonly isDirect?: boolean;
    },
    limit?: (userId: string) => void,
  ): RoomEvent {
    const { sender, target, membership, isDirect } = change;
    const content: JsonObject = { membership };
    if (membership === 'join' || membership === 'invite') {
      if (target.displayName !== null) content['displayname'] = target.displayName;
      if (target.avatarUrl !== null) content['avatar_url'] = target.avatarUrl;
    }
    if (isDirect === true) content['is_direct'] = true;
    return this.append(room, { type: 'm.room.member', sender, stateKey: target.userId, content }, limit);
  }
}
