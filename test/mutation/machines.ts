// The tests that mutants of the auth machine have to face, in one file: it loads XState once, not once for each.
import '../machines/auth/rejections.test.ts';
import '../machines/auth/rejections-any.test.ts';
import '../machines/auth/schedule.test.ts';
import '../machines/auth/breaker.test.ts';
import '../machines/auth/locked.test.ts';
import '../machines/auth/refreshing.test.ts';
import '../machines/auth/client.test.ts';
import '../machines/auth/review.test.ts';
import '../machines/auth/machine.test.ts';
import '../machines/auth/waits.test.ts';
import '../machines/auth/outcomes.test.ts';
