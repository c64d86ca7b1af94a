import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { type PageAddress, pageAddress } from './page-address.ts';

/** Where to look, as the command line says it. */
export interface SourceOptions {
  readonly page?: string;
  readonly token?: string;
  readonly bot?: string;
  readonly sqlite?: string;
  readonly postgres?: string | true;
  readonly session?: string;
  readonly namespace?: string;
  readonly key: readonly string[];
  readonly sharedWithGroup?: true;
  readonly json?: true;
}

/** Which store, and which session in it. */
export interface StoreAddress {
  readonly kind: 'sqlite' | 'postgres';
  /** The file, or the connection string. */
  readonly place: string;
  readonly session: string;
  readonly namespace: string | undefined;
  readonly keys: readonly { readonly id: string; readonly key: KeyPlace }[];
  readonly sharedWithGroup: boolean;
}

export type KeyPlace = { readonly env: string } | { readonly file: string };

export function addSourceOptions(command: Command): Command {
  command
    .option(
      '--page <url>',
      'a running live page, such as http://127.0.0.1:8008; /bots/<id> is one of its bots',
    )
    .addOption(new Option('--token <token>', 'what the page wants').env('AUTH_PAGE_TOKEN'))
    .option('--bot <name>', 'one bot of the page (default: all)')
    .option('--sqlite <file>', 'a session store in an SQLite file')
    .option('--postgres [url]', 'a session store in PostgreSQL (default: DATABASE_URL); needs the package pg')
    .option('--session <name>', 'the session in the store (default: "default")')
    .option('--namespace <name>', 'the namespace in the store (default: "default")');
  return addKeyOptions(command).option('--json', 'print JSON');
}

/** What it takes to read a store besides its place. */
export function addKeyOptions(command: Command): Command {
  return command
    .option(
      '--key <id=source>',
      'a key of an encrypted store: 2026=env:SESSION_KEY or 2026=file:/run/secrets/key; may be repeated',
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option('--shared-with-group', 'accept an SQLite file that its group can read');
}

/** @throws {UsageError} if it is not said where to look, or said twice */
export function sourceOf(options: SourceOptions): PageAddress | StoreAddress {
  const { page, sqlite, postgres, bot, session, namespace, key, sharedWithGroup } = options;
  const given = [page, sqlite, postgres].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      given.length === 0
        ? 'say where to look: give --page, --sqlite or --postgres.'
        : '--page, --sqlite and --postgres exclude each other. Give one of them.',
    );
  }
  if (page !== undefined) {
    const ofStores = { session, namespace, key: key[0], 'shared-with-group': sharedWithGroup };
    refuseOthers(ofStores, '--page', 'a store');
    return pageAddress(page, options.token, bot);
  }
  refuseOthers({ bot }, sqlite === undefined ? '--postgres' : '--sqlite', 'a page');
  return {
    kind: sqlite === undefined ? 'postgres' : 'sqlite',
    place: sqlite ?? connectionString(postgres ?? true),
    session: session ?? 'default',
    namespace,
    keys: key.map(keyOf),
    sharedWithGroup: sharedWithGroup ?? false,
  };
}

function refuseOthers(options: Readonly<Record<string, unknown>>, given: string, what: string): void {
  const [wrong] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (wrong !== undefined)
    throw new UsageError(`--${wrong} is for ${what}, and cannot be given with ${given}.`);
}

/** The string holds a password: it is never repeated. */
export function connectionString(given: string | true, option = '--postgres'): string {
  const url = given === true ? process.env['DATABASE_URL'] : given;
  if (url === undefined || url === '') {
    throw new UsageError(
      `${option} without a URL takes it from DATABASE_URL, which is not set. Set it, or give the URL.`,
    );
  }
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError(
      `the URL of ${option} has to be of the form postgresql://user:password@host:5432/database; characters such as @ or / in a password are percent-encoded.`,
    );
  }
  return url;
}

export function keyOf(text: string): StoreAddress['keys'][number] {
  const { id, kind, where } = /^(?<id>[^=]+)=(?<kind>env|file):(?<where>.+)$/s.exec(text)?.groups ?? {};
  // Perhaps it is the key itself: it is not repeated.
  if (id === undefined || where === undefined) {
    throw new UsageError(
      '--key is <id>=env:<variable> or <id>=file:<path>; the key itself is not given here.',
    );
  }
  return { id, key: kind === 'env' ? { env: where } : { file: where } };
}
