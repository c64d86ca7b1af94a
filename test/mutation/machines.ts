// The tests that mutants of the auth machine have to face, in one file: it loads XState once, not once for each.
import '../machines/rejections.test.ts';
import '../machines/rejections-any.test.ts';
import '../machines/schedule.test.ts';
import '../machines/breaker.test.ts';
import '../machines/locked.test.ts';
import '../machines/refreshing.test.ts';
import '../machines/client.test.ts';
import '../machines/review.test.ts';
import '../machines/machine.test.ts';
import '../machines/next.test.ts';
import '../machines/outcomes.test.ts';
import '../machines/watch-events.test.ts';
