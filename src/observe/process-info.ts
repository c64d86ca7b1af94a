import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { compact } from './compact.ts';

/** The process that a bot runs in. */
export interface ProcessInfo {
  readonly host: string;
  readonly pid: number;
  /** When it began, in ms since the epoch. */
  readonly startedAt: number;
  /** The version of Node. */
  readonly node: string;
  /** The version of this package; absent in a bundle. */
  readonly version?: string;
}

export const processInfo: ProcessInfo = Object.freeze(
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

function packageVersion(): string | undefined {
  try {
    const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { name, version } = JSON.parse(file) as { readonly name?: unknown; readonly version?: unknown };
    // In a bundle this may be the file of another package.
    return name === 'matrix-auth-machine' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
