import type { Account } from './accounts.ts';
import { asObject, asString, isObject, type JsonObject } from '../json.ts';
import { MatrixError } from './matrix-error.ts';
import { randomLetters } from './token-strings.ts';

/** User-interactive authentication with a password (specification: "User-Interactive Authentication API"). */
export class InteractiveAuth {
  readonly #sessions = new Map<string, { readonly userId: string; readonly operation: string }>();

  /**
   * Returns if the body's `auth` proves the account.
   * @throws MatrixError 401 with `flows`: the challenge, without errcode the first time, with one on a wrong password.
   */
  require(account: Account, qualify: (user: string) => string, operation: string, body: JsonObject): void {
    const auth = asObject(body['auth']);
    const given = asString(auth['session']);
    const known = given === undefined ? undefined : this.#sessions.get(given);
    const session =
      given !== undefined && known?.userId === account.userId && known.operation === operation
        ? given
        : randomLetters(24);
    this.#sessions.set(session, { userId: account.userId, operation });
    const challenge = { session, flows: [{ stages: ['m.login.password'] }], params: {} };
    if (auth['type'] !== 'm.login.password') throw new MatrixError(401, challenge);

    const identifier = isObject(auth['identifier']) ? auth['identifier'] : { user: auth['user'] };
    const user = asString(identifier['user']) ?? '';
    const proven =
      qualify(user) === account.userId && account.password !== null && auth['password'] === account.password;
    if (!proven) {
      throw new MatrixError(401, {
        ...challenge,
        completed: [],
        errcode: 'M_FORBIDDEN',
        error: 'Invalid username or password',
      });
    }
    this.#sessions.delete(session);
  }
}
