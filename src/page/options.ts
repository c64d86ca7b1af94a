import type { Observable, Observer } from '../observe/index.ts';

/** A session to be shown: as it is, or with an observer that was made for it. */
export type Bot = Observable | Observer;

export interface AuthPageOptions {
  /** The port to listen on. Default 0: a free one. */
  readonly port?: number;
  /** The address to listen on. Default `127.0.0.1`. Any that is not this machine's own needs a `token`. */
  readonly host?: string;
  /**
   * What a viewer has to give: at least 16 characters. The page asks for it; programs send it as
   * `Authorization: Bearer …`. Default: none, which only a loopback address may have.
   */
  readonly token?: string;
  /** Names that the page is reached by, besides `localhost` and IP addresses: `bots.example.org`. Default: none. */
  readonly hosts?: readonly string[];
  /** How many viewers may follow at once. Default 100. */
  readonly maxStreams?: number;
  /** Where refused requests are logged, at most one line a minute for each kind. Default `console`. */
  readonly logger?: { warn(message: string): void };
}

export interface AuthPage extends AsyncDisposable {
  /** Where the page is, with a slash at the end. It holds no token. */
  readonly url: string;
  /**
   * Shows one more bot. Returns a function that takes it off the page again.
   * @throws {TypeError} if there is one of that name already
   */
  add(bot: Bot): () => void;
  /** Stops listening, and ends every stream. The sessions go on. */
  close(): Promise<void>;
}

/** The options of a page cannot be used. The message says which, and why. */
export class AuthPageOptionsError extends Error {
  override readonly name = 'AuthPageOptionsError';
}

export interface ResolvedOptions {
  readonly port: number;
  readonly host: string;
  readonly loopback: boolean;
  readonly token: string | undefined;
  readonly hosts: ReadonlySet<string>;
  readonly maxStreams: number;
  readonly logger: { warn(message: string): void };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;
const SHORTEST_TOKEN = 16;

export function resolveOptions(options: AuthPageOptions): ResolvedOptions {
  const { port = 0, host = '127.0.0.1', token, hosts = [], maxStreams = 100, logger = console } = options;
  const loopback = LOOPBACK.test(host);
  if (token !== undefined && token.length < SHORTEST_TOKEN) {
    throw new AuthPageOptionsError(
      `The option "token" of serveAuthPage() has fewer than ${SHORTEST_TOKEN} characters, so it could be guessed. Make a longer one, with "openssl rand -hex 24" for example.`,
    );
  }
  if (!loopback && token === undefined) {
    throw new AuthPageOptionsError(
      `The page was to listen on ${host}, where others can reach it, without a token. Set the option "token", or leave "host" at 127.0.0.1 and come through a tunnel.`,
    );
  }
  return {
    port,
    host,
    loopback,
    token,
    hosts: new Set(hosts.map((name) => name.toLowerCase())),
    maxStreams,
    logger,
  };
}
