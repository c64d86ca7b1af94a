import { beforeEach, describe, expect, test } from 'vitest';
import { ANSWERED_WITHIN_MS, Tally } from '../../demo/tally.ts';

describe('the tally', () => {
  let now: number;
  let tally: Tally;

  beforeEach(() => {
    now = 0;
    tally = new Tally(() => now);
    tally.sent('one');
    tally.sent('two');
  });

  test('a message waits until its answer is there', () => {
    tally.heard('one');
    tally.answered('one');
    expect(tally.counts()).toEqual({ sent: 2, answered: 1, waiting: 1, lost: 0, twice: 0 });
  });

  test('a message without an answer is lost in the end, unless the answer comes after all', () => {
    tally.answered('one');
    now = ANSWERED_WITHIN_MS;
    expect(tally.counts()).toMatchObject({ waiting: 0, lost: 1 });
    tally.answered('two');
    expect(tally.counts()).toMatchObject({ answered: 2, lost: 0 });
  });

  test('a message that the homeserver did not take is lost at once', () => {
    tally.failed('one');
    expect(tally.counts()).toMatchObject({ waiting: 1, lost: 1 });
  });

  test('two answers to one message', () => {
    tally.answered('one');
    tally.answered('one');
    expect(tally.counts()).toMatchObject({ answered: 1, twice: 1 });
  });

  test('a message that the bot was given twice', () => {
    tally.heard('one');
    tally.heard('one');
    tally.answered('one');
    expect(tally.counts()).toMatchObject({ answered: 1, twice: 1 });
  });

  test('settles when nothing waits any more', async () => {
    const settled = tally.settled(60_000);
    tally.answered('one');
    tally.failed('two');
    await settled;
  });

  test('settles in time when an answer does not come', async () => {
    await tally.settled(1);
    expect(tally.counts()).toMatchObject({ waiting: 2 });
  });
});
