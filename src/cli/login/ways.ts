import { credentials, credentialsFromEnv, CredentialsError } from '../../adapters/credentials/index.ts';
import type { FailureReason } from '../../machines/index.ts';
import type { Credentials, SignIn } from '../../ports/index.ts';
import type { SeenServer } from '../doctor/server.ts';
import { sortOf } from '../doctor/token-sort.ts';
import { UsageError } from '../errors.ts';
import { type AccountOptions, accountOf } from '../terminal/account.ts';
import { askHidden, isTerminal } from '../terminal/prompt.ts';
import { byBrowser, byDevice } from './oauth-ways.ts';

/** What a way to sign in is told. */
export interface WayContext extends AccountOptions {
  /** Whose session is stored under this name, if any. */
  readonly userId: string | undefined;
  /** The device to sign in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/** One way to sign in from the terminal. */
export interface LoginWay {
  readonly name: string;
  /** For people: what it takes. */
  readonly takes: string;
  /** What to say of a failure, in the place of the session's own words. */
  readonly words?: Partial<Record<FailureReason, string>>;
  isOffered(server: SeenServer): boolean;
  /** Why the homeserver does not offer it; `undefined` where it does, or that is not known. */
  lacking?(server: SeenServer): string | undefined;
  /**
   * Asks for what it takes.
   * @throws {UsageError} if that is missing, and there is nobody to ask
   * @throws {RefusedError} if a package is missing; {@link InterruptedError}
   */
  prepare(context: WayContext): Promise<Credentials | SignIn>;
}

const byPassword: LoginWay = {
  name: 'password',
  takes: 'a user name and a password',
  words: {
    'login-refused':
      'The homeserver refused the user name and password, and no session was stored. Check both, and that the account is not deactivated; each wrong try counts against the homeserver’s limit.',
  },
  isOffered: ({ loginFlows }) => loginFlows?.includes('m.login.password') ?? true,
  lacking: ({ loginFlows }) =>
    loginFlows?.includes('m.login.password') === false ? 'it takes no passwords' : undefined,
  prepare: async ({ userId, deviceId, ...options }) => ({
    login: await accountOf(options, { userId }),
    ...(deviceId === undefined ? {} : { deviceId }),
  }),
};

/** Not chosen by itself: whoever has a token says so. */
const byToken: LoginWay = {
  name: 'token',
  takes: 'an access token that exists already',
  isOffered: () => false,
  async prepare() {
    const { ACCESS_TOKEN, ACCESS_TOKEN_FILE, MATRIX_REFRESH_TOKEN, MATRIX_REFRESH_TOKEN_FILE } = process.env;
    try {
      if ((ACCESS_TOKEN ?? '') !== '' || (ACCESS_TOKEN_FILE ?? '') !== '') {
        const environment = {
          ACCESS_TOKEN,
          ACCESS_TOKEN_FILE,
          MATRIX_REFRESH_TOKEN,
          MATRIX_REFRESH_TOKEN_FILE,
        };
        return usable(credentialsFromEnv(environment));
      }
      if (isTerminal()) {
        const accessToken = await askHidden('Access token (not shown): ');
        const refreshToken = await askHidden('Its refresh token, if there is one (not shown): ');
        return usable(credentials({ accessToken, refreshToken }));
      }
    } catch (error) {
      if (error instanceof CredentialsError) throw new UsageError(error.message);
      throw error;
    }
    throw new UsageError(
      'there is no terminal to ask for the token in. Set ACCESS_TOKEN or ACCESS_TOKEN_FILE, and MATRIX_REFRESH_TOKEN if there is one.',
    );
  },
};

/** @throws {UsageError} if its first letters say that no session can be made of it */
function usable(given: Credentials): Credentials {
  const sort = given.accessToken && sortOf(given.accessToken);
  if (sort === undefined) return given;
  if (sort.use !== 'access') {
    throw new UsageError(`what is given as the access token is ${sort.name}, by its first letters.`);
  }
  if (sort.oauth === true) {
    throw new UsageError(
      `this is ${sort.name}, such as one that was copied from Element: it ends within minutes, and only the client that it was made for can renew it. Sign in without --with token.`,
    );
  }
  return given;
}

/** In the order in which they are chosen where the homeserver offers several. */
const ways: readonly LoginWay[] = [byDevice, byPassword, byBrowser, byToken];

/** The way that was asked for, else the first that the homeserver offers; a password that is there is used. */
export function wayOf(
  name: string | undefined,
  server: SeenServer,
  { passwordStdin }: AccountOptions,
): LoginWay | undefined {
  if (name !== undefined) return ways.find((way) => way.name === name);
  const { MATRIX_PASSWORD = '', MATRIX_PASSWORD_FILE = '' } = process.env;
  const isGiven = passwordStdin === true || MATRIX_PASSWORD !== '' || MATRIX_PASSWORD_FILE !== '';
  if (isGiven && byPassword.isOffered(server)) return byPassword;
  return ways.find((way) => way.isOffered(server));
}

/** What is asked for and cannot be had at this homeserver, for people; `undefined` where all can. */
export function lackingOf(way: LoginWay, server: SeenServer, options: LoginChoice): string | undefined {
  const why = options.with === undefined ? undefined : way.lacking?.(server);
  if (why !== undefined) {
    return `The homeserver does not offer this way to sign in: ${why}. Leave --with out, and one that it offers is taken.`;
  }
  if (options.passwordStdin !== true || options.with !== undefined || way === byPassword) return undefined;
  return `A password was given, and this homeserver takes none. Leave --password-stdin out: it signs in with ${way.takes}.`;
}

interface LoginChoice extends AccountOptions {
  readonly with?: string;
}
