import { password } from '../../adapters/sign-in/index.ts';
import { createMatrixAuth } from '../../auth/create-matrix-auth.ts';
import { bare } from '../../ports/as-typed.ts';
import type { Credentials, SessionStore, SignIn } from '../../ports/index.ts';
import { otherServerOf } from '../doctor/identity.ts';
import { lookAtServer, type SeenServer } from '../doctor/server.ts';
import { LockedError, RefusedError, UnreachableError, UsageError } from '../errors.ts';
import { addressIn } from '../session/homeserver-of.ts';
import { startSession } from '../session/start-session.ts';
import type { StoreAddress } from '../source/source.ts';
import { openSessions, told } from '../source/store.ts';
import { storeAddressOf, storeName, type StoreOptions } from '../source/store-option.ts';
import type { AccountOptions } from '../terminal/account.ts';
import { linesFor } from './lines.ts';
import { offersText, signedInText, whoText } from './texts.ts';
import { lackingOf, type LoginWay, wayOf } from './ways.ts';

export interface LoginOptions extends StoreOptions, AccountOptions {
  readonly with?: string;
  readonly deviceId?: string;
  readonly json?: true;
  /** Who it is, and nothing of what the bot needs. */
  readonly brief?: true;
}

/** What came of it, for people and scripts. It holds no secret. */
export interface SignedIn {
  /** It was so before. */
  readonly already: boolean;
  readonly userId?: string;
  readonly deviceId?: string;
  readonly refreshable?: boolean;
  readonly expiresAt?: number;
  /** How it is renewed, where not by the refresh token of the Matrix specification. */
  readonly kind?: string;
}

/**
 * Signs in and stores the session, unless one is there that lives, and prints what the bot needs. Returns the exit code.
 * @throws {RefusedError} {@link UnreachableError} {@link UsageError} {@link InterruptedError}
 */
export async function login(server: string | undefined, options: LoginOptions): Promise<number> {
  const seen = await serverOf(server);
  const isJson = options.json === true;
  const say = (text: string) => void (isJson || process.stdout.write(text));
  const { address, signedIn } = await signIn(seen, options, say);
  const lines = linesFor(seen.url, address, signedIn.kind);
  const { session } = address;
  const report = { homeserver: seen.url, store: storeName(address), session, ...signedIn, lines };
  const text = options.brief === true ? whoText(signedIn) : signedInText(signedIn, address, lines);
  process.stdout.write(isJson ? `${JSON.stringify(report, undefined, 2)}\n` : text);
  return 0;
}

/**
 * Signs in and stores the session, unless one is there that lives. Where that fails, no store is left that was not there.
 * @throws {RefusedError} {@link UnreachableError} {@link UsageError} {@link InterruptedError}
 */
export async function signIn(
  seen: AnsweringServer,
  options: LoginOptions,
  say: (text: string) => void,
): Promise<{ readonly address: StoreAddress; readonly signedIn: SignedIn }> {
  if (options.user?.trim() === '') throw new UsageError('--user names nobody.');
  const address = storeAddressOf(options, 'bot.db');
  const { sessions, close, abandon } = await openSessions(address, true);
  try {
    const context = { url: seen.url, address, sessions, options, say };
    const signedIn = (await asStored(context)) ?? (await anew(context, seen));
    await close();
    return { address, signedIn };
  } catch (error) {
    await abandon();
    throw error;
  }
}

/** A homeserver that has answered. */
export type AnsweringServer = SeenServer & { readonly url: string };

/**
 * The homeserver that is named on the command line, else in the environment.
 * @throws {UsageError} if none is; {@link UnreachableError} if no homeserver answers there
 */
export async function serverOf(server: string | undefined): Promise<AnsweringServer> {
  const named = server ?? bare(process.env['HOMESERVER_URL'] ?? '');
  if (named === '') throw new UsageError('no homeserver is named. Name it, or set HOMESERVER_URL.');
  const seen = await lookAtServer(addressIn(named), globalThis.fetch, process.env);
  const { url, answers, findings } = seen;
  if (url !== undefined && answers) return { ...seen, url };
  const trouble = findings.find(({ toDo }) => toDo !== undefined);
  throw new UnreachableError(`${trouble?.says ?? ''} ${trouble?.toDo ?? ''}`.trim());
}

interface Context {
  readonly url: string;
  readonly address: StoreAddress;
  readonly sessions: SessionStore;
  readonly options: LoginOptions;
  readonly say: (text: string) => void;
}

/** The stored session, where it lives or can be renewed; `undefined` where there is none, or it has ended. */
async function asStored(context: Context): Promise<SignedIn | undefined> {
  const { address, sessions, options } = context;
  const stored = (await told(() => sessions.read(address.session, 'session')))?.session;
  if (stored === undefined) return undefined;
  const { userId } = stored;
  const account =
    options.user === undefined ? undefined : password({ username: options.user, password: '' }).account;
  if (userId !== undefined && account?.isUser(userId) === false) {
    throw new RefusedError(
      `The session ${JSON.stringify(address.session)} in ${storeName(address)} is ${userId}’s. Give the other user a session name of its own (--session), or log out first.`,
    );
  }
  try {
    return { already: true, ...(await started(context, {})) };
  } catch (error) {
    if (error instanceof RefusedError && !(error instanceof LockedError)) return undefined;
    throw error;
  }
}

async function anew(context: Context, seen: AnsweringServer): Promise<SignedIn> {
  const { address, sessions, options, say } = context;
  await checkServerOf(options.user, seen);
  const way = wayOf(options.with, seen, options);
  const lacking = way && lackingOf(way, seen, options);
  say(offersText(seen, lacking === undefined ? way : undefined));
  if (lacking !== undefined) throw new RefusedError(lacking);
  if (way === undefined) {
    throw new RefusedError(
      'The homeserver offers no way to sign in that this command knows. If you have an access token, store it with --with token.',
    );
  }
  const userId = (await told(() => sessions.read(address.session, 'session')))?.session?.userId;
  const given = await way.prepare({ ...options, userId });
  if ('login' in given) await checkServerOf(given.login?.username, seen);
  return { already: false, ...(await started(context, given, way.words)) };
}

/** @throws {UsageError} if the user is known to be another homeserver's: a login there would be refused, and count */
async function checkServerOf(username: string | undefined, seen: AnsweringServer): Promise<void> {
  const because = await otherServerOf(username ?? '', seen, globalThis.fetch);
  if (because === undefined) return;
  throw new UsageError(`${username} is of another server: ${because}. Name the user’s own server.`);
}

async function started(
  { url, address, sessions }: Context,
  given: Credentials | SignIn,
  words: LoginWay['words'] = {},
) {
  const auth = createMatrixAuth({
    homeserver: url,
    credentials: given,
    sessions,
    sessionName: address.session,
    logger: false,
  });
  try {
    await startSession(auth, { words });
    const { userId, deviceId, expiresAt, refreshable } = auth.actor.getSnapshot().context.session ?? {};
    const { kind } = (await told(() => sessions.read(address.session, 'session')))?.session ?? {};
    return {
      ...(userId === undefined ? {} : { userId }),
      ...(deviceId === undefined ? {} : { deviceId }),
      ...(refreshable === undefined ? {} : { refreshable }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(kind === undefined ? {} : { kind }),
    };
  } finally {
    await auth.stop();
  }
}
