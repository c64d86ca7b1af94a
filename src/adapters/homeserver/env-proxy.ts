/**
 * What the environment's proxy has to do with a homeserver that cannot be reached, as a sentence; `undefined` where it
 * names no proxy for this address. Node's `fetch` uses `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` only where it is told to.
 */
export function proxyNote(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
  flags: readonly string[] = process.execArgv,
): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const variable = [name.toLowerCase(), name].find((one) => (env[one] ?? '') !== '');
  if (variable === undefined || isExempt(hostname, port, env['no_proxy'] ?? env['NO_PROXY'] ?? ''))
    return undefined;
  const told =
    env['NODE_USE_ENV_PROXY'] === '1' ||
    [...flags, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)].includes('--use-env-proxy');
  return told
    ? `The request goes through the proxy that ${variable} names: check that one, or put the host into NO_PROXY.`
    : `${variable} is set, and Node does not use it by itself: if the homeserver is behind that proxy, start Node with NODE_USE_ENV_PROXY=1 (Node 22.21, or 24, and later).`;
}

/** By the entries of `NO_PROXY`: `*`, a host, a domain with or without a dot before it, each perhaps with a port. */
function isExempt(hostname: string, port: string, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, domain = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      if (only !== undefined && only !== port) return false;
      return domain === '' || hostname === domain || hostname.endsWith(`.${domain}`);
    });
}
