// The tests that mutants of the calls to a homeserver have to face, in one file: what they import is loaded once, not
// once for each.
import '../adapters/homeserver/address.test.ts';
import '../adapters/homeserver/answers.test.ts';
import '../adapters/homeserver/discovery.test.ts';
import '../adapters/sign-in/password/password.test.ts';
import '../adapters/homeserver/transport.test.ts';
