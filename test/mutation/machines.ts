// The tests that mutants of the auth machine have to face, in one file: it loads XState once, not once for each.
import '../machines/auth/rejections.test.ts';
import '../machines/auth/rejections-any.test.ts';
import '../machines/auth/schedule.test.ts';
import '../machines/auth/breaker.test.ts';
import '../machines/auth/locked.test.ts';
import '../machines/auth/refreshing.test.ts';
import '../machines/auth/client.test.ts';
import '../machines/auth/no-loops.test.ts';
import '../machines/auth/announcements.test.ts';
import '../machines/auth/believing.test.ts';
import '../machines/auth/given-token.test.ts';
import '../machines/auth/authorizing.test.ts';
import '../machines/auth/lifetimes.test.ts';
import '../machines/auth/machine.test.ts';
import '../machines/auth/waits.test.ts';
import '../machines/auth/outcomes.test.ts';
