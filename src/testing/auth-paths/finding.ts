import type { RecordedRequest } from '../proxy/recorded-request.ts';
import type { AuthPath } from './plan.ts';
import { doneIn, mustHoldIn } from './plans.ts';
import type { RuleName } from './rules/names.ts';
import { requestText } from './trace.ts';

/** One thing that a bot did wrong. */
export interface Finding {
  /** The id of the path. */
  readonly path: string;
  /** The rule that it broke; `start`: it could not be tested at all. */
  readonly rule: RuleName | 'start';
  /** What it did, in plain words. */
  readonly message: string;
}

const SHOWN = 20;

/** What a bot did wrong on one path: its message has the findings, what was done to the bot, and its last requests. */
export class AuthPathError extends Error {
  override readonly name = 'AuthPathError';
  readonly findings: readonly Finding[];

  constructor(path: AuthPath, findings: readonly Finding[], requests: readonly RecordedRequest[] = []) {
    super(report(path, findings, requests));
    this.findings = findings;
  }
}

function report(path: AuthPath, findings: readonly Finding[], requests: readonly RecordedRequest[]): string {
  const parts = [
    `When ${path.name}, the bot did this wrong:\n${list(findings.map(({ message }) => message))}`,
    `What was done to it:\n${list(doneIn(path), (index) => `${index + 1}.`)}`,
    `What must hold:\n${list(mustHoldIn(path))}`,
  ];
  if (requests.length > 0) {
    const start = requests[0]?.at ?? 0;
    const last = requests
      .slice(-SHOWN)
      .map((request) => `${((request.at - start) / 1_000).toFixed(2)} s: ${requestText(request)}`);
    parts.push(`Its last requests:\n${list(last)}`);
  }
  return parts.join('\n\n');
}

function list(lines: readonly string[], mark: (index: number) => string = () => '-'): string {
  return lines.map((line, index) => `  ${mark(index)} ${line}`).join('\n');
}
