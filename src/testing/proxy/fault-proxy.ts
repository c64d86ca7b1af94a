import type { InjectedFault, Injection } from './fault.ts';
import type { RequestMatch } from './match.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { WaitOptions } from './records.ts';

export interface FaultProxyOptions {
  /** Base URL of the homeserver behind the proxy, with `http:` or `https:`; a path in it is kept. */
  readonly target: string;
  /** The port to listen on, on 127.0.0.1. Default 0: a free one. */
  readonly port?: number;
}

/** A proxy in front of a homeserver that can be told to fail. Give its `url` to the client under test. */
export interface FaultProxy extends AsyncDisposable {
  /** Base URL without a trailing slash, on 127.0.0.1. */
  readonly url: string;
  /** Every request since the start or the last {@link FaultProxy.clear}, in the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** How long every request is held before it is passed on or meets its fault, in milliseconds. Default 0. */
  latencyMs: number;

  /**
   * The next `times` requests that match meet the fault. If several faults match, the first injected is met.
   * @throws RangeError if `times` is not a positive whole number or `Infinity`.
   */
  inject(injection: Injection): InjectedFault;
  /** How many requests match, finished or not. */
  count(match: RequestMatch): number;
  /**
   * Resolves with the matching requests once there are `count`, those that came before included.
   * @throws Error after `timeoutMs`, or when the proxy is stopped: it lists the requests that were seen.
   */
  waitFor(match: RequestMatch, options?: WaitOptions): Promise<readonly RecordedRequest[]>;
  /** The homeserver is gone: open connections are reset, new ones refused. */
  away(): Promise<void>;
  /** It is back, on the same port. */
  back(): Promise<void>;
  /** Removes all faults and records, sets `latencyMs` to 0, and cuts the requests that hang. */
  clear(): void;
  /** Stops. Open connections are reset; resolves when nothing is left. */
  stop(): Promise<void>;
}
