import { observe } from '../../src/observe/index.ts';
import { drive } from '../observe/driven.ts';
import { compare, type Row } from './measure.ts';

const RUNS = 200;
const SIGN_INS = 50;
/** Of one sign-in of a session that is signed in: `session.adopted`, and `connect done`. */
const TRANSITIONS = 2 * SIGN_INS;

/** What it costs a bot to be observed, with a listener for each frame. */
export async function observing(): Promise<Row> {
  const bare = drive();
  const observed = drive();
  const observer = observe(observed);
  observer.subscribe(() => undefined);
  const timed = (driven: typeof bare) => async () => {
    const startedAt = performance.now();
    for (let count = 0; count < SIGN_INS; count += 1) driven.signIn();
    return performance.now() - startedAt;
  };
  const { subjectMs, referenceMs } = await compare(RUNS, timed(observed), timed(bare));
  observer.stop();
  const moreMs = Math.max(0, subjectMs - referenceMs);
  return {
    what: 'A session that is observed over one that is not, at 100 transitions a second',
    result: `${((100 * moreMs) / TRANSITIONS / 10).toFixed(2)} % of a core more: ${((1_000 * moreMs) / TRANSITIONS).toFixed(0)} µs a transition`,
    runs: `${RUNS} of ${TRANSITIONS} transitions each`,
    figures: { usPerTransition: (1_000 * moreMs) / TRANSITIONS },
  };
}
