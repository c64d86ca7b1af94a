import { parseHomeserverAddress, discoverHomeserver } from '../../adapters/homeserver/index.ts';
import { password } from '../../adapters/sign-in/index.ts';
import type { Finding } from './finding.ts';
import type { SeenServer } from './server.ts';
import type { SetUp } from './set-up.ts';
import type { SeenToken } from './tokens.ts';

/** Whether the tokens, the user name and the device are of one account, as far as is known. */
export function identityFindings(
  { credentials: { login, deviceId } }: SetUp,
  stored: SeenToken | undefined,
  given: SeenToken | undefined,
): Finding[] {
  const findings: Finding[] = [];
  const account = login && password(login).account;
  const wanted = login?.username ?? '';
  for (const token of [stored, given]) {
    if (token?.userId === undefined || account === undefined || account.isUser(token.userId)) continue;
    const whose = token.from === 'store' ? 'The stored session' : 'ACCESS_TOKEN';
    findings.push({
      level: 'attention',
      code: 'identity-mismatch',
      says: `${whose} is ${token.userId}’s, and MATRIX_USERNAME is ${JSON.stringify(wanted)}. The bot sends nothing with it.`,
      toDo:
        token.from === 'store'
          ? 'Set MATRIX_USERNAME to the stored session’s user, or give this bot a store or a session name of its own.'
          : 'Make ACCESS_TOKEN and MATRIX_USERNAME the same user’s, or remove one of them.',
    });
  }
  if (stored?.userId !== undefined && given?.userId !== undefined && stored.userId !== given.userId) {
    findings.push({
      level: 'attention',
      code: 'identity-mismatch',
      says: `The stored session is ${stored.userId}’s, and ACCESS_TOKEN is ${given.userId}’s.`,
      toDo: 'Remove ACCESS_TOKEN, or give this bot a store or a session name of its own.',
    });
  }
  const token = stored ?? given;
  if (deviceId !== undefined && token?.deviceId !== undefined && token.deviceId !== deviceId) {
    findings.push({
      level: 'note',
      code: 'device-mismatch',
      says: `The session is on device ${token.deviceId}, and MATRIX_DEVICE_ID is ${deviceId}: the next login is on that other device.`,
    });
  }
  return findings;
}

/** Whether the user name is that of this homeserver's user. */
export async function userServerFindings(
  { credentials: { login } }: SetUp,
  server: SeenServer,
  fetch: typeof globalThis.fetch,
): Promise<Finding[]> {
  const because = await otherServerOf(login?.username ?? '', server, fetch);
  return because === undefined ? [] : [otherServer(because)];
}

/**
 * By what a user name is known to be another server's; `undefined` where it is not. What stands behind its colon is
 * compared with the name that the homeserver has, or with where that server's `.well-known` leads.
 */
export async function otherServerOf(
  username: string,
  { url, name }: Pick<SeenServer, 'url' | 'name'>,
  fetch: typeof globalThis.fetch,
): Promise<string | undefined> {
  const [, server] = /^@?[^@:\s]+:(\S+)$/.exec(username.trim()) ?? [];
  if (server === undefined || url === undefined || server.toLowerCase() === name?.toLowerCase()) {
    return undefined;
  }
  if (name !== undefined) return `the homeserver at ${url} is ${name}`;
  const { hostname } = new URL(url);
  if (hostname === server.toLowerCase() || hostname.endsWith(`.${server.toLowerCase()}`)) return undefined;
  const found = await whereIs(server, fetch);
  if (found === undefined || new URL(found).origin === new URL(url).origin) return undefined;
  return `${server} is at ${new URL(found).origin}, and not at ${url}`;
}

async function whereIs(server: string, fetch: typeof globalThis.fetch): Promise<string | undefined> {
  try {
    const address = parseHomeserverAddress(server);
    if (address.kind === 'url') return address.url;
    const found = await discoverHomeserver(address.serverName, { fetch, timeoutMs: 10_000 });
    return found.outcome === 'found' ? found.url : undefined;
  } catch {
    return undefined;
  }
}

function otherServer(because: string): Finding {
  return {
    level: 'attention',
    code: 'user-of-another-server',
    says: `MATRIX_USERNAME is of another server: ${because}. A login there is refused.`,
    toDo: 'Set HOMESERVER_URL and MATRIX_USERNAME to one and the same server’s.',
  };
}
