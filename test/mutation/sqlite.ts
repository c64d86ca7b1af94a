// The tests that mutants of the SQLite store have to face, in one file: what they import is loaded once, not once for
// each. Not those in processes of their own: no mutant is alive there.
import '../adapters/sessions/sqlite/errors.test.ts';
import '../adapters/sessions/sqlite/busy.test.ts';
import '../adapters/sessions/sqlite/permissions.test.ts';
import '../adapters/sessions/sqlite/open.test.ts';
import '../adapters/sessions/sqlite/sqlite.test.ts';
import '../adapters/sessions/bad-input.test.ts';
