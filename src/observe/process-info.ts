import { hostname } from 'node:os';
import { packageVersion } from '../ports/index.ts';
import { compact } from './compact.ts';

/** The process that a bot runs in. */
export interface ProcessInfo {
  readonly host: string;
  readonly pid: number;
  /** When it began, in ms since the epoch. */
  readonly startedAt: number;
  /** The version of Node. */
  readonly node: string;
  /** The version of this package; absent in a bundle that has come away from it. */
  readonly version?: string;
}

let known: ProcessInfo | undefined;

/** That of this process. */
export function processInfo(): ProcessInfo {
  known ??= Object.freeze(
    compact({
      host: hostname()
        .replace(/[^\w.-]/g, '')
        .slice(0, 80),
      pid: process.pid,
      startedAt: Math.round(Date.now() - process.uptime() * 1000),
      node: process.versions.node,
      version: packageVersion(),
    }),
  );
  return known;
}
