import type { FaultKind } from './fault.ts';

/** A request as the fault proxy saw it. It holds no token and no body. */
export interface RecordedRequest {
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** When its answer was sent, its connection cut, or its client gone; absent while it is open. */
  readonly finishedAt?: number;
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  /** The query, without `access_token`. */
  readonly query: Readonly<Record<string, string>>;
  /** Fingerprint of the access token it carried (eight hexadecimal digits of its SHA-256). */
  readonly tokenFingerprint?: string;
  /** The status that was answered; with `lose-response` the one that was lost. Absent if there was none. */
  readonly status?: number;
  /** The `errcode` of that answer, if it had one. */
  readonly errcode?: string;
  /** The kind of fault that it met. */
  readonly fault?: FaultKind;
}

/** The same while it is open. */
export type OpenRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };
