import { parseArgs } from 'node:util';

/** What the demonstration was asked to do. */
export interface DemoOptions {
  readonly help: boolean;
  /** End after so many lifetimes of the bot's tokens; `undefined`: go on until stopped. */
  readonly cycles: number | undefined;
  /** Lifetime of the access tokens, in ms. */
  readonly lifetimeMs: number;
  /** Run on real Synapse. */
  readonly synapse: boolean;
  /** The bot stands on matrix-bot-sdk instead of matrix-js-sdk. */
  readonly botSdk: boolean;
  /** The room of the bot is encrypted. */
  readonly encrypted: boolean;
  /** Run on this homeserver, with the environment's credentials. */
  readonly homeserver: string | undefined;
  /** Run so many bots, through an outage of their homeserver. */
  readonly fleet: number | undefined;
  /** Serve the live page. */
  readonly page: boolean;
  /** The port of the live page; `undefined`: a free one. */
  readonly port: number | undefined;
}

/** The command line is wrong; the message says what of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const DEFAULT_LIFETIME = '5s';
const FLEET_LIFETIME = '30s';
const LARGEST_FLEET = 2_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_600_000;

export const help = `An echo bot that answers straight through token after token expiring.

  npm start -- [options]

  --cycles N          End after N token lifetimes of the bot: exit code 0 if no message was lost or answered
                      twice, 1 otherwise. In a terminal the live page stays up until a key is pressed.
                      Default: go on until Ctrl-C.
  --lifetime TIME     Lifetime of the access tokens, such as 2s or 1m, from 1s to 60m. Default ${DEFAULT_LIFETIME}.
  --synapse           Run on real Synapse, which is downloaded once per machine, instead of the test homeserver.
  --bot-sdk           The bot stands on matrix-bot-sdk instead of matrix-js-sdk.
  --encrypted         The bot and the person who talks to it are in an encrypted room. Needs --synapse.
  --homeserver URL    Run the bot alone, on this homeserver, with the credentials of the environment: ACCESS_TOKEN
                      (and MATRIX_REFRESH_TOKEN), or MATRIX_USERNAME and MATRIX_PASSWORD, or both. It accepts every
                      invitation and echoes every text message. Tokens live as long as that homeserver says.
  --fleet N           Run N bots instead, through an outage in which the tokens of all expire, on a homeserver that
                      limits refreshes. Tokens live for ${FLEET_LIFETIME} then, unless --lifetime says otherwise.
  --port N            The port of the live page, which shows the bot's session. Default: a free one.
  --no-page           Do without the live page.
  --help              Show this.

In a terminal, keys break things while you watch: e expires the token, r revokes the session, l locks the account,
o takes the homeserver down, k kills the bot with SIGKILL and restarts it, s makes the homeserver slow, q quits.
`;

/** @throws {UsageError} */
export function readOptions(args: readonly string[]): DemoOptions {
  const {
    cycles,
    lifetime,
    synapse,
    homeserver,
    fleet,
    port,
    'bot-sdk': botSdk,
    encrypted,
    'no-page': noPage,
    help,
  } = parsed(args);
  if (homeserver !== undefined && synapse) {
    throw new UsageError('--synapse and --homeserver exclude each other. Give one of them.');
  }
  if (homeserver !== undefined && lifetime !== undefined) {
    throw new UsageError(
      '--lifetime cannot be given with --homeserver: that homeserver sets the lifetime. Leave it out.',
    );
  }
  if (fleet !== undefined) {
    exclude('--fleet', {
      '--cycles': cycles,
      '--homeserver': homeserver,
      '--synapse': synapse,
      '--bot-sdk': botSdk,
      '--encrypted': encrypted,
    });
  }
  if (encrypted) {
    exclude('--encrypted', { '--homeserver': homeserver, '--bot-sdk': botSdk });
    if (!synapse) {
      throw new UsageError(
        '--encrypted needs --synapse: the test homeserver knows no encryption. Give both, or leave it out.',
      );
    }
  }
  if (noPage && port !== undefined) {
    throw new UsageError('--no-page and --port exclude each other. Give one of them.');
  }
  return {
    help,
    cycles: cycles === undefined ? undefined : wholeNumber(cycles),
    lifetimeMs: milliseconds(lifetime ?? (fleet === undefined ? DEFAULT_LIFETIME : FLEET_LIFETIME)),
    synapse,
    botSdk,
    encrypted,
    homeserver,
    fleet: fleet === undefined ? undefined : fleetSize(fleet),
    page: !noPage,
    port: port === undefined ? undefined : portNumber(port),
  };
}

/** What to say of a port that another program has. */
export function portTaken(port: number, code: string): string {
  return `--port ${port} cannot be had (${code}). Give another, or leave it out.`;
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        cycles: { type: 'string' },
        lifetime: { type: 'string' },
        synapse: { type: 'boolean', default: false },
        'bot-sdk': { type: 'boolean', default: false },
        encrypted: { type: 'boolean', default: false },
        homeserver: { type: 'string' },
        fleet: { type: 'string' },
        port: { type: 'string' },
        'no-page': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    // Node's own words name the option, and what is wrong with it.
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** @throws {UsageError} if one of these was given, too */
function exclude(flag: string, others: Readonly<Record<string, string | boolean | undefined>>): void {
  for (const [other, value] of Object.entries(others)) {
    if (value === undefined || value === false) continue;
    throw new UsageError(`${flag} and ${other} exclude each other. Give one of them.`);
  }
}

function wholeNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`--cycles is "${text}". Give a whole number of token lifetimes, 1 or more.`);
}

function fleetSize(text: string): number {
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= LARGEST_FLEET) return number;
  throw new UsageError(`--fleet is "${text}". Give a number of bots from 1 to ${LARGEST_FLEET}.`);
}

function portNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 65_535) return number;
  throw new UsageError(`--port is "${text}". Give a number from 1 to 65535.`);
}

function milliseconds(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  const factor = { ms: 1, s: 1_000, m: 60_000 }[unit ?? ''] ?? Number.NaN;
  const ms = Math.round(Number(number) * factor);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return ms;
  throw new UsageError(`--lifetime is "${text}". Give a time from 1s to 60m, such as 2s, 1500ms or 1m.`);
}
