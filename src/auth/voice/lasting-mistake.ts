import { HomeserverAddressError } from '../../adapters/homeserver/index.ts';
import type { Diagnosis, SessionTroubleCode } from './codes.ts';

const TIMES = 5;
const OVER_MS = 60_000;
const mistakes: readonly SessionTroubleCode[] = ['no-homeserver', 'redirect'];
/** Trouble of this side: it says nothing of what is at the address. */
const ownTrouble: readonly SessionTroubleCode[] = [
  'crypto-in-use',
  'login-budget-spent',
  'package-missing',
  'port-taken',
  'secret-unavailable',
  'store-away',
  'unexpected',
];

/** Tells a mistake of configuration from trouble that passes: the address answers, and is no homeserver, again and again. */
export class LastingMistake {
  #times = 0;
  #since = 0;

  /** The error to end with, once it was met five times over a minute. */
  met({ code, what }: Diagnosis): HomeserverAddressError | undefined {
    if (ownTrouble.includes(code)) return undefined;
    if (!mistakes.includes(code)) return this.passed();
    if (this.#times === 0) this.#since = Date.now();
    this.#times += 1;
    if (this.#times < TIMES || Date.now() - this.#since < OVER_MS) return undefined;
    this.passed();
    return new HomeserverAddressError(what);
  }

  passed(): undefined {
    this.#times = 0;
    return undefined;
  }
}
