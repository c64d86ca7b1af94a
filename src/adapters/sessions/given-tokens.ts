import type { Secret, SessionRecord } from '../../ports/index.ts';

/** Given tokens of which it is remembered that they were taken, so that replicas with different ones take each once. */
const GIVEN_REMEMBERED = 32;

/** Whether this token was given and taken before. */
export function wasGiven(record: SessionRecord | undefined, token: Secret): boolean {
  return record?.given?.split(',').includes(token.fingerprint()) === true;
}

/** What is remembered once this token has been taken, too. */
export function withGiven(record: SessionRecord | undefined, token: Secret): string {
  return [...(record?.given?.split(',') ?? []), token.fingerprint()].slice(-GIVEN_REMEMBERED).join(',');
}
