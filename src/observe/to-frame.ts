import { tagOf } from './allowed-values.ts';
import { compact } from './compact.ts';
import type { EventSummary } from './event-summary.ts';
import type { Frame } from './frame.ts';
import { processInfo } from './process-info.ts';
import { redact } from '../ports/redact.ts';
import { identifierOf } from './shown-text.ts';
import { type MachineSnapshot, snapshotOf } from './snapshot.ts';

/** What an observer knows at one step of the machine. */
export interface Step
  extends Pick<Frame, 'seq' | 'at' | 'bot' | 'facts' | 'since' | 'counters' | 'durations'> {
  readonly summary: EventSummary;
  readonly warnings: Frame['warnings'];
  readonly left: Frame['left'];
  readonly machine: MachineSnapshot;
  readonly homeserver: unknown;
}

export function toFrame({ summary, machine, homeserver, since, ...step }: Step): Frame {
  const snapshot = snapshotOf(machine, since);
  return Object.freeze(
    compact({
      ...step,
      ...summary,
      ...snapshot,
      deviceId: identifierOf(snapshot.deviceId),
      tags:
        machine.status === 'active' ? [...machine.tags].map(tagOf).filter((tag) => tag !== undefined) : [],
      homeserver: originOf(homeserver),
      process: processInfo(),
    }),
  );
}

/** The address without what may hold a secret: a user name, a password, a path. */
function originOf(address: unknown): string | undefined {
  const url = typeof address === 'string' ? URL.parse(address) : null;
  return url !== null && /^https?:$/.test(url.protocol) && redact(url.origin) === url.origin
    ? url.origin
    : undefined;
}
