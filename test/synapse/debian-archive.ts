import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where this machine gets Debian's main archive from, and the keyring that signs it. */
export interface DebianArchive {
  readonly uri: string;
  readonly keyring: string;
}

interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string | undefined;
}

const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SUITE_CLASSES = ['oldstable', 'stable', 'testing', 'unstable', 'sid'];

/** Reads the machine's own apt sources, so that its mirror is used and no host name is written down here. */
export function findDebianArchive(
  aptFolder = '/etc/apt',
  osRelease = '/etc/os-release',
): DebianArchive | undefined {
  const codename = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(readIfThere(osRelease))?.[1];
  const suites = new Set(codename === undefined ? SUITE_CLASSES : [...SUITE_CLASSES, codename]);
  for (const source of readAptSources(aptFolder)) {
    const uri = source.uris[0];
    // The security archive and third parties are told apart by their suites: "bookworm-security", "nodistro".
    const isMainArchive =
      source.components.includes('main') && source.suites.some((suite) => suites.has(suite));
    if (uri === undefined || !isMainArchive) continue;
    const keyring = source.signedBy?.startsWith('/') === true ? source.signedBy : DEBIAN_KEYRING;
    if (existsSync(keyring)) return { uri, keyring };
  }
  return undefined;
}

function readAptSources(aptFolder: string): AptSource[] {
  const parts = join(aptFolder, 'sources.list.d');
  const names = existsSync(parts) ? readdirSync(parts).toSorted() : [];
  const files = [join(aptFolder, 'sources.list'), ...names.map((name) => join(parts, name))];
  return files.flatMap((file) => {
    if (file.endsWith('.sources')) return parseDeb822Sources(readIfThere(file));
    return file.endsWith('.list') ? parseOneLineSources(readIfThere(file)) : [];
  });
}

/** The stanzas of a `.sources` file (deb822) that are enabled and give binary packages. */
function parseDeb822Sources(text: string): AptSource[] {
  const withoutComments = text.replaceAll(/^#.*\n?/gm, '');
  return withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const [, name = '', value = ''] of stanza.matchAll(/^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name.toLowerCase(), value.trim());
    }
    const words = (name: string) => fields.get(name)?.split(/\s+/) ?? [];
    if (!words('types').includes('deb') || /^(?:no|false)$/i.test(fields.get('enabled') ?? '')) return [];
    return [
      {
        uris: words('uris'),
        suites: words('suites'),
        components: words('components'),
        signedBy: fields.get('signed-by'),
      },
    ];
  });
}

/** The `deb [options] uri suite component…` lines of a `.list` file. */
function parseOneLineSources(text: string): AptSource[] {
  const lines = text.matchAll(/^[ \t]*deb[ \t]+(?:\[([^\]]*)\][ \t]+)?(\S+)[ \t]+(\S+)([^#\n]*)/gm);
  return [...lines].map(([, options = '', uri = '', suite = '', components = '']) => ({
    uris: [uri],
    suites: [suite],
    components: components.trim().split(/\s+/),
    signedBy: /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1],
  }));
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
