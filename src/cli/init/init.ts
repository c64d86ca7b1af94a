import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { packageVersion } from '../../ports/index.ts';
import { InterruptedError, RefusedError, UsageError } from '../errors.ts';
import { type AnsweringServer, serverOf, signIn } from '../login/login.ts';
import { whoText } from '../login/texts.ts';
import { cannotUse, writeOutput } from '../output-file.ts';
import type { AccountOptions } from '../terminal/account.ts';
import { type Project, projectFiles, type Sdk } from './project.ts';

export interface InitOptions extends AccountOptions {
  readonly sdk: Sdk;
  readonly javascript?: true;
  readonly name?: string;
  readonly server?: string;
  readonly install: boolean;
  readonly json?: true;
}

/**
 * Writes a bot, installs what it needs, and signs it in where a homeserver is named. Returns the exit code.
 * @throws {UsageError} if the folder is not empty, or the name cannot be used; nothing was written then
 * @throws {RefusedError} if it is written, and could not be installed or signed in; {@link InterruptedError}
 */
export async function init(folder: string, options: InitOptions): Promise<number> {
  const { server, sdk, javascript, install, json } = options;
  await checkEmpty(folder);
  const seen = server === undefined ? undefined : await serverOf(server);
  const project: Project = {
    name: nameOf(options.name, folder),
    sdk,
    language: javascript === true ? 'javascript' : 'typescript',
    homeserverUrl: seen?.url,
    // Where it is not known which homeserver it will be, it may be one that has it, as most have.
    hasOAuth: seen === undefined || seen.oauth !== undefined,
    version: packageVersion() as string,
  };
  const files = projectFiles(project);
  for (const [name, content] of Object.entries(files)) {
    await writeOutput('init', join(folder, name), content);
  }
  const say = (text: string) => void (json === true ? process.stderr : process.stdout).write(text);
  say(`Wrote ${Object.keys(files).join(', ')}.\n`);
  if (install) await npmInstall(folder, say);
  if (seen !== undefined) await (install ? signInThere : signInHere)(seen, folder, options, say);
  const next = nextSteps(folder, install, seen !== undefined);
  if (json === true) {
    const report = { folder, name: project.name, files: Object.keys(files), next };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    say(`\nNow run:\n${next.map((step) => `  ${step}\n`).join('')}`);
  }
  return 0;
}

/** What may be there already. */
const harmless = ['.git', '.gitkeep', '.DS_Store'];

async function checkEmpty(folder: string): Promise<void> {
  let found: string[];
  try {
    found = (await readdir(folder)).filter((name) => !harmless.includes(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw cannotUse('init', folder, error);
  }
  if (found.length > 0) {
    throw new UsageError(
      `${folder === '.' ? 'this folder' : folder} is not empty (${found.slice(0, 3).join(', ')}${found.length > 3 ? ', …' : ''}), and nothing is written over. Name an empty one, or one that is to be made.`,
    );
  }
}

/** A name that a package, a container and a service may have. */
const NAME = /^[a-z][a-z0-9-]{0,30}$/;

function nameOf(given: string | undefined, folder: string): string {
  if (given !== undefined) {
    if (NAME.test(given)) return given;
    throw new UsageError(
      '--name has to be lower-case letters, digits and hyphens, and to begin with a letter.',
    );
  }
  const name = basename(resolve(folder))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 31);
  return NAME.test(name) ? name : 'matrix-bot';
}

async function npmInstall(folder: string, say: (text: string) => void): Promise<void> {
  say('Running npm install …\n');
  const windows = process.platform === 'win32';
  const npm = spawn(windows ? 'npm.cmd' : 'npm', ['install', '--no-audit', '--no-fund'], {
    cwd: folder,
    shell: windows,
    // What it prints is no result of this command.
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const [code] = await once(npm, 'close').catch(() => [undefined]);
  if (code !== 0) {
    throw new RefusedError(
      `The bot is written, and npm install has failed${code === undefined ? ': npm is not there' : ''}. Run it in ${folder}, then npm run login.`,
    );
  }
}

/** By the command that is installed there: it has what OAuth 2.0 takes, which `npx` may have left out. */
async function signInThere(
  { url }: AnsweringServer,
  folder: string,
  { user, passwordStdin, json }: InitOptions,
): Promise<void> {
  const args = [
    ...['node_modules/matrix-auth-machine/dist/cli/main.js', 'login', url, '--brief'],
    ...(user === undefined ? [] : ['--user', user]),
    ...(passwordStdin === undefined ? [] : ['--password-stdin']),
  ];
  const stdout = json === true ? process.stderr : process.stdout;
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['inherit', stdout, 'inherit'] });
  // Ctrl-C is for the command there, which is asking.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  const [code, signal] = await once(child, 'close').finally(() => process.off('SIGINT', ignore));
  if (code === 130 || signal === 'SIGINT') throw new InterruptedError();
  if (code !== 0) throw new RefusedError('The bot is written, and not signed in. Then: npm run login.');
}

async function signInHere(
  seen: AnsweringServer,
  folder: string,
  { user, passwordStdin }: InitOptions,
  say: (text: string) => void,
): Promise<void> {
  const account = {
    ...(user === undefined ? {} : { user }),
    ...(passwordStdin === undefined ? {} : { passwordStdin }),
  };
  try {
    const { signedIn } = await signIn(seen, { ...account, store: join(folder, 'bot.db'), key: [] }, say);
    say(whoText(signedIn));
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof UsageError)) throw error;
    throw new RefusedError(`The bot is written, and not signed in: ${error.message} Then: npm run login.`, {
      cause: error,
    });
  }
}

function nextSteps(folder: string, isInstalled: boolean, isSignedIn: boolean): readonly string[] {
  const place = relative('.', folder);
  return [
    ...(place === '' ? [] : [`cd ${/^[\w./-]+$/.test(place) ? place : `"${place}"`}`]),
    ...(isInstalled ? [] : ['npm install']),
    ...(isSignedIn
      ? []
      : ['npm run login -- example.org   # your homeserver; and put its address into .env']),
    'npm start',
  ];
}
