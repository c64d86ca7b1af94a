import { describe, expect, test } from 'vitest';
import { causeOf, type Frame, observe, situationOf, toneOf } from '../../src/observe/index.ts';
import { advice, authMachine, type FailureReason } from '../../src/machines/index.ts';
import { statesOf, transitionsOf } from '../../src/statechart/structure.ts';
import { drive } from './driven.ts';

const frame = (changes: Partial<Frame>): Frame => ({ ...observe(drive()).now(), ...changes });

/** The inner states that a machine can rest in: what is decided at once is never seen. */
const details = statesOf(authMachine)
  .filter(({ type, key }) => (type === 'atomic' || type === 'final') && key !== 'deciding')
  .flatMap(({ path }) => {
    const [state, region, step] = path;
    if (region === 'service') return [];
    return region === 'renewal' ? [`${state}.ahead.${step}`, `${state}.required.${step}`] : [path.join('.')];
  });

describe('in words', () => {
  test.each(details)('%s is told with what it waits for and what to do', (detail) => {
    const state = detail.split('.')[0] as Frame['state'];
    const { headline, waitsFor, toDo } = situationOf(frame({ state, detail }));
    expect(headline).not.toContain('No words');
    expect([headline, waitsFor, toDo].every((text) => /^[A-Z].*\.$/.test(text))).toBe(true);
  });

  test.each(Object.keys(advice) as FailureReason[])(
    'a failure by %s says what to do, without the names of variables',
    (reason) => {
      const told = situationOf(
        frame({ state: 'failed', detail: 'failed', reason, advice: advice[reason], tags: ['needs-person'] }),
      );
      expect(told.urgent).toBe(true);
      expect(told.toDo).toMatch(/^[A-Z].* .*\.$/);
      expect(told.toDo).not.toMatch(/[A-Z]+_[A-Z]+|\(\)/);
    },
  );

  test('a token that runs out, and nothing can renew, is urgent; one that does not expire is not', () => {
    const resting = frame({ state: 'valid', detail: 'valid.resting', tags: ['usable', 'live'] });
    expect(situationOf({ ...resting, expiresAt: 1 }).urgent).toBe(true);
    expect(situationOf(resting).urgent).toBe(false);
  });

  test.each(
    [...new Set(transitionsOf(authMachine).map(({ event }) => event))].filter((event) => event !== 'always'),
  )('the event "%s" has a sentence of its own', (event) => {
    expect(causeOf(frame({ event }))).toMatch(/^[A-Z].* /);
  });

  test.each<[Partial<Frame>, string]>([
    [
      {
        event: 'token.rejected',
        refusal: { endpoint: 'other', status: 401, errcode: 'M_UNKNOWN_TOKEN', meaning: 'token-dead' },
      },
      'The homeserver refused the token: 401 M_UNKNOWN_TOKEN',
    ],
    [
      {
        event: 'exchange done',
        outcome: 'refused',
        refusal: { endpoint: 'refresh', status: 502, meaning: 'transient' },
      },
      'The refresh failed: 502',
    ],
    [
      {
        event: 'exchange done',
        outcome: 'refused',
        refusal: { endpoint: 'refresh', status: 0, meaning: 'transient' },
      },
      'The refresh got no answer',
    ],
    [
      {
        event: 'probe done',
        outcome: 'refused',
        refusal: { endpoint: 'whoami', status: 401, errcode: 'M_USER_LOCKED', meaning: 'locked' },
      },
      'The account is still locked',
    ],
    [
      { event: 'restore done', outcome: 'trouble', trouble: 'the store is away' },
      'Reading the session failed: the store is away',
    ],
    [{ event: 'logIn done', outcome: 'renewed' }, 'Logged in'],
    [
      {
        event: 'exchange done',
        outcome: 'renewed',
        facts: ['warning', 'refreshed'],
        warnings: ['unpersisted'],
      },
      'The refresh token brought a new token, which is not stored yet: the store is away',
    ],
  ])('%j is "%s"', (changes, sentence) => {
    expect(causeOf(frame(changes))).toBe(sentence);
  });

  test.each<[Partial<Frame>, string]>([
    [{ state: 'valid', tags: ['usable', 'live'] }, 'live'],
    [{ state: 'refreshing', tags: ['usable', 'live', 'busy'] }, 'serving'],
    [{ state: 'refreshing', tags: ['busy'] }, 'waiting'],
    [{ state: 'refreshing', tags: ['busy', 'authorizing'] }, 'person'],
    [{ state: 'locked', tags: [] }, 'locked'],
    [{ state: 'failed', tags: ['needs-person'] }, 'person'],
    [{ state: 'stopped', tags: [] }, 'off'],
  ])('the tone of %j is %s', (changes, tone) => {
    expect(toneOf(frame(changes))).toBe(tone);
  });
});
