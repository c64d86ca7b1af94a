import type { Schedule } from '../../machines/auth/index.ts';
import { FleetDevices } from './fleet-devices.ts';
import { HomeserverTraffic } from './traffic.ts';

export interface FleetOptions {
  /**
   * How many logins, refreshes and whoami requests may be under way at a homeserver at once, over all sessions. It begins
   * with ten, and grows with each that is taken. Default 100.
   */
  readonly requestsAtOnce?: number;
}

/** What the sessions of a fleet wait for, at one homeserver. */
export interface FleetTraffic {
  /** Its base URL. */
  readonly homeserver: string;
  /** Sessions whose turn has not come yet. */
  readonly waiting: number;
  /** Requests that have no answer yet. */
  readonly underWay: number;
  /** It gave no answer lately, or one of 500 and more: one session asks for all whether it is back. */
  readonly away: boolean;
}

/** Many sessions of one process that share what they know of their homeservers. */
export interface Fleet {
  /** For each homeserver that was asked. */
  readonly traffic: readonly FleetTraffic[];
}

/** By the URL of the homeserver. */
type Traffics = (url: string) => HomeserverTraffic;

const traffics = new WeakMap<Fleet, Traffics>();
const devices = new WeakMap<Fleet, FleetDevices>();

/**
 * Makes a fleet: give it to `createMatrixAuth` of each session. A limit (429, `Retry-After`) that one of them meets holds
 * for all; while a homeserver is away, one session asks whether it is back; and then sessions whose requests wait go
 * before those that renew ahead of time, each in the order in which they came. Refreshes are spread over half of the
 * tokens' lifetime, so that sessions which start together do not refresh together.
 * @example
 * const fleet = createFleet();
 * const bots = accounts.map((account) => createMatrixAuth({ fleet, sessions, sessionName: account.name, … }));
 */
export function createFleet({ requestsAtOnce = 100 }: FleetOptions = {}): Fleet {
  if (!Number.isInteger(requestsAtOnce) || requestsAtOnce < 1) {
    throw new RangeError(`requestsAtOnce is a whole number, 1 or more, and not ${requestsAtOnce}.`);
  }
  const byUrl = new Map<string, HomeserverTraffic>();
  const fleet: Fleet = {
    get traffic() {
      return [...byUrl].map(([homeserver, { waiting, underWay, away }]) => ({
        ...{ homeserver, waiting, underWay },
        away: away !== undefined,
      }));
    },
  };
  devices.set(fleet, new FleetDevices());
  traffics.set(fleet, (url) => {
    const traffic = byUrl.get(url) ?? new HomeserverTraffic(requestsAtOnce);
    byUrl.set(url, traffic);
    return traffic;
  });
  return fleet;
}

/** @throws {TypeError} if it is no fleet of {@link createFleet} */
export function trafficOf(fleet: Fleet): Traffics {
  const found = traffics.get(fleet);
  if (found === undefined) throw new TypeError('The option "fleet" is to be what createFleet() gives.');
  return found;
}

/** The devices of its sessions; `undefined` if it is no fleet. */
export function devicesOf(fleet: Fleet): FleetDevices | undefined {
  return devices.get(fleet);
}

/**
 * When the sessions of a fleet renew: anywhere from 40 to 90 % of a token's lifetime. A session by itself waits a short
 * time after a failure, since the fleet leaves a homeserver alone that is away.
 */
export const fleetSchedule: Partial<Schedule> = {
  refreshAfter: 0.4,
  refreshJitter: 0.5,
  backoffMinMs: 250,
  backoffMaxMs: 5_000,
};
