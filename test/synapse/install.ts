import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DebianArchive, findDebianArchive } from './debian-archive.ts';
import { withLock } from './lock.ts';
import { pythonOf } from './python.ts';

/** An unpacked Synapse that can be started, or the reason, in words, why this machine has none. */
export type SynapseInstallation =
  | { readonly root: string; readonly version: string }
  | { readonly unavailable: string };

/** Raise it when what is unpacked changes: a root of another recipe is fetched anew. */
const RECIPE = 1;
const UNFINISHED = 'unfinished-';
const PACKAGES = ['matrix-synapse', 'python3-authlib'];
const NEEDED_COMMANDS = ['apt-get', 'apt-config', 'dpkg-deb', 'tar', 'bash', 'flock'];
const UPDATE_TIMEOUT_MS = 180_000;
const DOWNLOAD_TIMEOUT_MS = 600_000;
const UNPACK_TIMEOUT_MS = 300_000;
const WHOLE_TIMEOUT_MS = UPDATE_TIMEOUT_MS + DOWNLOAD_TIMEOUT_MS + UNPACK_TIMEOUT_MS;

const run = promisify(execFile);

/**
 * Gives real Synapse: from the cache if it is there, otherwise as Debian sid's packages, fetched and unpacked
 * into the cache without root and without touching the machine's own apt state. It never rejects for a reason
 * that lies in the machine.
 *
 * @param say Told once, in a sentence, before a fetch begins.
 */
export async function ensureSynapse(say: (line: string) => void = () => {}): Promise<SynapseInstallation> {
  const cache = cacheFolder();
  const cached = await installed(cache);
  if (cached !== undefined) return cached;

  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      unavailable: `the packages are fetched for Linux on amd64, and this is ${process.platform} on ${process.arch}`,
    };
  }
  const missing = NEEDED_COMMANDS.filter((command) => !onPath(command));
  if (missing.length > 0) return { unavailable: `this machine has no ${missing.join(', ')}` };
  const archive = findDebianArchive();
  if (archive === undefined) {
    return { unavailable: 'the apt sources of this machine name no Debian archive with a keyring' };
  }

  try {
    await mkdir(cache, { recursive: true });
    return await withLock(join(cache, 'lock'), WHOLE_TIMEOUT_MS, async () => {
      const fetchedMeanwhile = await installed(cache);
      if (fetchedMeanwhile !== undefined) return fetchedMeanwhile;
      say(`Fetching Synapse from Debian sid into ${cache}: about 70 MB, once per machine.`);
      return await install(cache, archive);
    });
  } catch (error) {
    return { unavailable: `fetching it from Debian sid failed: ${reasonOf(error)}` };
  }
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'matrix-auth-machine', 'synapse');
}

function onPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, command)));
}

async function installed(cache: string): Promise<{ root: string; version: string } | undefined> {
  const root = join(cache, 'root');
  try {
    const marker: unknown = JSON.parse(await readFile(join(root, 'installed.json'), 'utf8'));
    if (typeof marker !== 'object' || marker === null) return undefined;
    if (!('recipe' in marker) || marker.recipe !== RECIPE) return undefined;
    return 'version' in marker && typeof marker.version === 'string'
      ? { root, version: marker.version }
      : undefined;
  } catch {
    return undefined;
  }
}

async function install(cache: string, archive: DebianArchive): Promise<{ root: string; version: string }> {
  for (const name of await readdir(cache)) {
    // Left by a process that was killed: the lock says that nobody is at work.
    if (name.startsWith(UNFINISHED)) await rm(join(cache, name), { recursive: true, force: true });
  }
  const unfinished = await mkdtemp(join(cache, UNFINISHED));
  try {
    const unpacked = join(unfinished, 'root');
    await mkdir(unpacked);
    await unpack(await download(join(unfinished, 'apt'), archive), unpacked);
    const version = await finish(unpacked);
    await writeFile(join(unpacked, 'installed.json'), JSON.stringify({ recipe: RECIPE, version }));
    const root = join(cache, 'root');
    await rm(root, { recursive: true, force: true });
    await rename(unpacked, root);
    return { root, version };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Downloads the packages and all that they need with an apt whose whole state is in `work`. */
async function download(work: string, archive: DebianArchive): Promise<string[]> {
  const state = join(work, 'state');
  const archives = join(work, 'cache/archives');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  await mkdir(join(work, 'log'));
  await writeFile(join(state, 'status'), '');
  await writeFile(join(work, 'sources.list'), `deb [signed-by=${archive.keyring}] ${archive.uri} sid main\n`);
  const config = join(work, 'apt.conf');
  await writeFile(config, [...(await machineNetworkSettings()), ...privateSettings(work)].join('\n'), {
    mode: 0o600,
  });
  const env = { ...process.env, APT_CONFIG: config, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  await run('apt-get', ['update', '-q'], { env, timeout: UPDATE_TIMEOUT_MS });
  await run('apt-get', ['-q', '-y', '--download-only', 'install', ...PACKAGES], {
    env,
    timeout: DOWNLOAD_TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
  const names = await readdir(archives);
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

/** The proxy and similar settings of the machine. Its hooks are left out: they may act on the machine's apt. */
async function machineNetworkSettings(): Promise<string[]> {
  const { stdout } = await run('apt-config', ['dump']);
  return stdout.split('\n').filter((line) => /^Acquire::(?:https?::|ForceIPv)/.test(line));
}

function privateSettings(work: string): string[] {
  return [
    `Dir::State "${work}/state";`,
    `Dir::State::status "${work}/state/status";`,
    `Dir::Cache "${work}/cache";`,
    `Dir::Log "${work}/log";`,
    `Dir::Etc::SourceList "${work}/sources.list";`,
    'Dir::Etc::SourceParts "/dev/null";',
    'Dir::Etc::Main "/dev/null";',
    'Dir::Etc::Parts "/dev/null";',
    'Dir::Etc::Preferences "/dev/null";',
    'Dir::Etc::PreferencesParts "/dev/null";',
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; };',
    'APT::Sandbox::User "";',
    'APT::Install-Recommends "false";',
    'Acquire::Languages "none";',
    // sid's InRelease can be past its Valid-Until on a mirror that lags.
    'Acquire::Check-Valid-Until "false";',
    // Without it an update that fetches nothing is a success.
    'APT::Update::Error-Mode "any";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
    'Debug::NoLocking "true";',
    '',
  ];
}

async function unpack(packages: readonly string[], root: string): Promise<void> {
  const script = `
    set -o pipefail
    root=$1
    shift
    for package in "$@"; do
      dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \\
        --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale || exit 1
    done`;
  await run('bash', ['-c', script, 'unpack', root, ...packages], { timeout: UNPACK_TIMEOUT_MS });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    if (!existsSync(join(root, name))) await symlink(`usr/${name}`, join(root, name));
  }
}

/** Compiles the Python sources, which halves the start time, and gives Synapse's version. */
async function finish(root: string): Promise<string> {
  const { command, args, env } = pythonOf(root);
  const python = (...more: string[]) =>
    run(command, [...args, ...more], { env, cwd: root, timeout: UNPACK_TIMEOUT_MS });
  // Without -j: a child Python would start outside of this root's C library. A file that does not compile
  // (packages carry templates and test data) is no reason to fail.
  await python('-m', 'compileall', '-q', join(root, 'usr/lib')).catch(() => {});
  const { stdout } = await python(
    '-c',
    "import synapse.app.homeserver, importlib.metadata as m; print(m.version('matrix-synapse'))",
  );
  return stdout.trim();
}

function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const lines = stderr.split('\n').filter((line) => /^(?:E|W|Err)\b/.test(line));
  const detail = lines.length > 0 ? lines.slice(0, 3).join(' ') : stderr.split('\n').slice(-3).join(' ');
  return detail === '' && error instanceof Error ? error.message : detail;
}
