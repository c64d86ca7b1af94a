import { causeOf, type Frame, situationOf, toneOf } from '../observe/index.ts';
import type { BotView, FleetRow, Visit } from './protocol.ts';

export function rowOf(id: string, frame: Frame): FleetRow {
  const { headline, toDo, urgent } = situationOf(frame);
  const { counters } = frame;
  return {
    id,
    name: frame.bot,
    ...(frame.userId === undefined ? {} : { userId: frame.userId }),
    state: frame.state,
    detail: frame.detail,
    since: frame.since,
    tone: toneOf(frame),
    usable: frame.tags.includes('usable'),
    headline,
    ...(urgent ? { toDo } : {}),
    ...(frame.next === undefined ? {} : { next: frame.next }),
    ...(frame.expiresAt === undefined ? {} : { expiresAt: frame.expiresAt }),
    refreshes: counters.refreshes,
    logins: counters.logins,
    held: counters.held,
  };
}

export function viewOf(id: string, frame: Frame): BotView {
  return { id, tone: toneOf(frame), frame, situation: situationOf(frame) };
}

export function visitOf(frame: Frame): Visit {
  return {
    seq: frame.seq,
    at: frame.at,
    state: frame.state,
    detail: frame.detail,
    tone: toneOf(frame),
    cause: causeOf(frame),
    facts: frame.facts,
    ...(frame.warnings === undefined ? {} : { warnings: frame.warnings }),
    ...(frame.left === undefined ? {} : { from: frame.left.detail }),
  };
}
