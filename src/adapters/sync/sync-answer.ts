/** An answer of `/sync`, as far as it is read or changed here. Everything else in it is passed on as it came. */
export interface SyncAnswer {
  next_batch: string;
  rooms?: SyncRooms;
  /** Messages to this device: the homeserver forgets them at the next sync. */
  to_device?: { events?: readonly unknown[] };
}

export interface SyncRooms {
  invite?: Record<string, unknown>;
  join?: Record<string, JoinedRoom>;
  leave?: Record<string, unknown>;
}

export interface JoinedRoom {
  state?: { events: RoomEvent[] };
  timeline?: { events: RoomEvent[]; limited?: boolean; prev_batch?: string | null };
}

export interface RoomEvent {
  readonly event_id: string;
  readonly type: string;
  readonly state_key?: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly unsigned?: Readonly<Record<string, unknown>>;
}
