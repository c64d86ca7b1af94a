import type { Frame, Situation, Tone } from '../observe/index.ts';

/** A bot in the table of a fleet. */
export interface FleetRow {
  /** Its part of the page's address: `/bots/<id>`. */
  readonly id: string;
  readonly name: string;
  readonly userId?: string;
  readonly state: Frame['state'];
  readonly detail: string;
  readonly since: number;
  readonly tone: Tone;
  readonly usable: boolean;
  readonly headline: string;
  /** What a person has to do now, where there is something. */
  readonly toDo?: string;
  readonly next?: Frame['next'];
  readonly expiresAt?: number;
  readonly refreshes: number;
  readonly logins: number;
  readonly held: number;
}

/** A visit to a state, in the timeline of a bot. */
export interface Visit {
  readonly seq: number;
  readonly at: number;
  readonly state: Frame['state'];
  readonly detail: string;
  readonly tone: Tone;
  readonly cause: string;
  readonly facts: Frame['facts'];
  readonly warnings?: Frame['warnings'];
  /** The `detail` before it; absent where it was the same. */
  readonly from?: string;
}

/** Everything that is shown of one bot at this moment. */
export interface BotView {
  readonly id: string;
  readonly tone: Tone;
  readonly frame: Frame;
  readonly situation: Situation;
}

/** What the server-sent events carry, by their names. All have the server's time, in ms since the epoch. */
export interface Messages {
  /** The whole fleet: at first, and after a pause. `page` tells one version of the page's code from another. */
  readonly fleet: { readonly now: number; readonly page: string; readonly rows: readonly FleetRow[] };
  /** What has changed in it. */
  readonly rows: {
    readonly now: number;
    readonly rows: readonly FleetRow[];
    readonly gone: readonly string[];
  };
  /** One bot, with the visits that are still kept, oldest first: at first, and after a pause. */
  readonly bot: {
    readonly now: number;
    readonly page: string;
    readonly view: BotView;
    readonly visits: readonly Visit[];
  };
  /** What has happened to it since. `missed`: visits in between that were too many to be sent. */
  readonly visits: {
    readonly now: number;
    readonly view: BotView;
    readonly visits: readonly Visit[];
    readonly missed: number;
  };
  /** The connection lives. */
  readonly ping: { readonly now: number };
}
