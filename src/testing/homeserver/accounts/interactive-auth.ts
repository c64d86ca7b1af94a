import { asObject, asString, type JsonObject } from '../../json.ts';
import { badRequest, forbidden, MatrixError, matrixError } from '../matrix-error.ts';
import type { Account } from './accounts.ts';
import { randomLetters } from './token-strings.ts';

interface Session {
  readonly userId: string;
  readonly operation: string;
}

/** User-interactive authentication with a password (specification: "User-Interactive Authentication API"). */
export class InteractiveAuth {
  readonly #sessions = new Map<string, Session>();

  /**
   * Returns if the body's `auth` proves the account.
   * @throws MatrixError 401 with `flows`: the challenge, without errcode the first time, with one on a wrong password.
   */
  require(account: Account, qualify: (user: string) => string, operation: string, body: JsonObject): void {
    const auth = asObject(body['auth']);
    const known = this.#session(auth, { userId: account.userId, operation });
    const challenge = {
      session: known ?? this.#open({ userId: account.userId, operation }),
      flows: [{ stages: ['m.login.password'] }],
      params: {},
    };
    const stage = asString(auth['type']);
    if (stage === undefined && known === undefined) throw new MatrixError(401, challenge);
    if (stage !== 'm.login.password') {
      throw new MatrixError(401, { ...challenge, completed: stage === 'm.login.dummy' ? [stage] : [] });
    }
    const identifier = auth['identifier'] === undefined ? auth : asObject(auth['identifier']);
    if (qualify(asString(identifier['user']) ?? '') !== account.userId) throw forbidden('Invalid auth');
    if (account.password === null || auth['password'] !== account.password) {
      const error = 'Invalid username or password';
      throw new MatrixError(401, { ...challenge, completed: [], error, errcode: 'M_FORBIDDEN' });
    }
  }

  /** The session that was named, if one was. @throws MatrixError if it is unknown or of something else. */
  #session(auth: JsonObject, asked: Session): string | undefined {
    const id = asString(auth['session']);
    if (id === undefined) return undefined;
    const session = this.#sessions.get(id);
    if (session === undefined) throw badRequest(`Unknown session ID: ${id}`);
    if (session.operation !== asked.operation || session.userId !== asked.userId) {
      const error = 'Requested operation has changed during the UI authentication session.';
      throw matrixError(403, 'M_UNKNOWN', error);
    }
    return id;
  }

  #open(session: Session): string {
    const id = randomLetters(24);
    this.#sessions.set(id, session);
    return id;
  }
}
