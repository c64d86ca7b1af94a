import type { MatrixAuth } from '../src/index.ts';
import type { Row } from './summary.ts';
import { clockTime } from './words.ts';

/** The messages of a session, as it counts them. */
export interface Traffic {
  /** Those of others. */
  readonly received: number;
  /** Those that it has sent. */
  readonly delivered: number;
  /** Those that it has still to send. */
  readonly waiting: number;
  /** When the oldest of these was queued. */
  readonly oldestAt?: number | undefined;
}

export function trafficOf({
  received,
  outgoing,
}: Pick<MatrixAuth<unknown>, 'received' | 'outgoing'>): Traffic {
  const { length, delivered, oldestAt } = outgoing;
  return { received, delivered, waiting: length, oldestAt };
}

/** What the processes of a bot, one after the other, have received and sent in all. */
export class TotalTraffic {
  readonly #processes = new Map<number, Traffic>();

  note(pid: number, traffic: Traffic): void {
    this.#processes.set(pid, traffic);
  }

  get total(): Traffic {
    const all = [...this.#processes.values()];
    const sum = (of: 'received' | 'delivered') => all.reduce((total, traffic) => total + traffic[of], 0);
    const { waiting = 0, oldestAt } = all.at(-1) ?? {};
    return { received: sum('received'), delivered: sum('delivered'), waiting, oldestAt };
  }
}

/** `traffic     40 in, 39 out, 1 to be sent, the oldest since 12:00:01.5` */
export function trafficRow({ received, delivered, waiting, oldestAt }: Traffic): Row {
  const oldest =
    waiting === 0 || oldestAt === undefined ? '' : `, the oldest since ${clockTime(new Date(oldestAt))}`;
  return ['traffic', `${received} in, ${delivered} out, ${waiting} to be sent${oldest}`];
}
