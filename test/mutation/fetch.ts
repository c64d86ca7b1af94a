// The tests that mutants of auth.fetch have to face, in one file: what they import is loaded once, not once for each.
import '../adapters/fetch/token.test.ts';
import '../adapters/fetch/endpoints.test.ts';
import '../adapters/fetch/requests.test.ts';
import '../adapters/fetch/redirects.test.ts';
import '../adapters/fetch/refusals.test.ts';
import '../adapters/fetch/held.test.ts';
import '../adapters/fetch/bodies.test.ts';
