import type { Finding, Level } from './finding.ts';
import type { Next } from './outlook.ts';
import { ATTENTION, CANNOT_TELL, LASTS } from './exit-codes.ts';

/** What `doctor --json` prints. It holds no secret. */
export interface Report {
  readonly now: number;
  readonly verdict: 'lasts' | 'attention' | 'unknown';
  readonly homeserver: {
    readonly url?: string;
    readonly name?: string;
    readonly versions?: readonly string[];
    readonly loginFlows?: readonly string[];
    readonly oauth?: { readonly issuer: string; readonly deviceGrant: boolean };
    /** How far its clock is ahead of this computer's, in ms. */
    readonly clockAheadMs?: number;
  };
  readonly session?: {
    readonly from: 'store' | 'environment';
    readonly state: string;
    readonly userId?: string;
    readonly deviceId?: string;
    readonly fingerprint: string;
    readonly generation?: number;
    readonly refreshable: boolean;
    readonly expiresAt?: number;
    /** How it is renewed, where not by the refresh token of the Matrix specification: `oauth`. */
    readonly kind?: string;
    /** What the token is, by its first letters. */
    readonly sort?: string;
  };
  readonly findings: readonly Finding[];
  readonly next: readonly Next[];
  readonly toDo: readonly string[];
}

export function verdictOf(findings: readonly Finding[]): Report['verdict'] {
  const levels = new Set<Level>(findings.map(({ level }) => level));
  return levels.has('attention') ? 'attention' : levels.has('unknown') ? 'unknown' : 'lasts';
}

export const exitCodes: Readonly<Record<Report['verdict'], number>> = {
  lasts: LASTS,
  attention: ATTENTION,
  unknown: CANNOT_TELL,
};
