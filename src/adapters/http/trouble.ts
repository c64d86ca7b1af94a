import { type Rejection, rejectionText } from '../../machines/auth/index.ts';

/**
 * What can be wrong between a bot and its homeserver, and what to do about it: a sentence or two for each code. The
 * codes are the anchors of `docs/troubleshooting.md`.
 */
const advice = {
  'name-unresolved':
    'Check HOMESERVER_URL for a typing mistake, and that this computer (or container) can look names up.',
  'connection-refused':
    'Nothing listens at this address and port. Check the port in HOMESERVER_URL, and that the homeserver, or the proxy in front of it, runs. In a container, localhost is the container itself.',
  'host-unreachable':
    'There is no way from this computer to that address. Check the network, a firewall, and whether the address is of a family (IPv6) that this network has.',
  timeout:
    'The homeserver, or something on the way to it, does not answer. Check that it runs and is not overloaded, and that no firewall drops what is sent to it.',
  'connection-reset':
    'Something ends the connection without an answer. Check that the homeserver runs and what its proxy logs; a port that expects https ends a connection of http like this, too.',
  unreachable: 'Check HOMESERVER_URL, the network, and that the homeserver runs.',
  'certificate-expired':
    'Renew the certificate of the homeserver, or set the clock of this computer if that is wrong.',
  'certificate-self-signed':
    'Give the homeserver a certificate that is trusted publicly, or start Node with NODE_EXTRA_CA_CERTS=/path/to/ca.pem so that it trusts this one.',
  'certificate-wrong-host':
    'The certificate is for other names. Use one of those in HOMESERVER_URL, or give the homeserver a certificate for this one.',
  'certificate-untrusted':
    'The issuer is not known here, or the homeserver does not send the intermediate certificates. Serve the full chain, or start Node with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
  'tls-on-plain-port':
    'This port speaks http, not https. Write http:// in HOMESERVER_URL if the connection is a private one, or use the port that speaks https.',
  'plain-on-tls-port': 'This port speaks https. Write https:// in HOMESERVER_URL.',
  'tls-failed':
    'No secure connection could be agreed on. Check what the homeserver, or the proxy in front of it, offers (TLS 1.2 or later).',
  redirect:
    'No token and no password follows a redirect. Set HOMESERVER_URL to the address that it leads to, if that is the homeserver; if it is the login page of the network, sign in there first.',
  'no-homeserver':
    'What answers there is no homeserver: perhaps a web client, the website of the domain, or the login page of the network. Set HOMESERVER_URL to the base URL of the homeserver, or to its server name (what stands behind the colon in a user id).',
  'access-denied':
    'Something in front of the homeserver refuses the request: a firewall, a login page, a proxy. Let it pass the requests to /_matrix/ on.',
  'malformed-answer':
    'The homeserver, or something in front of it, sends what the specification does not allow. The bot asks again; if it stays so, look into the homeserver’s log.',
  'server-error':
    'The homeserver, or the proxy in front of it, has a problem of its own. The bot asks again by itself.',
  'rate-limited':
    'The homeserver wants fewer requests. The bot waits and asks again by itself; if this happens often, raise the limit for its account.',
  'login-budget-spent':
    'Logins are spared so as not to exhaust the homeserver’s login limit. The bot logs in by itself then; if this happens often, give it a session store, or find out what ends its sessions.',
  'well-known-unusable':
    'Mend that file, or set HOMESERVER_URL to the homeserver’s base URL, such as https://matrix.example.org, which needs no file.',
} as const;

/** What is wrong between a bot and its homeserver. */
export type TroubleCode = keyof typeof advice;

export const troubleCodes = Object.keys(advice) as readonly TroubleCode[];

/** What to do about it, with the section of the documentation that says more. */
export function troubleAdvice(code: TroubleCode): string {
  return `${advice[code]} See docs/troubleshooting.md#${code}.`;
}

/** What was found to be wrong. It holds no secret. */
export interface TroubleDetail {
  readonly code: TroubleCode;
  /** What happened, as a phrase that begins with its subject. */
  readonly what: string;
}

/**
 * What a refusal says of the connection, the homeserver or its limits; `undefined` where it is about the account or the
 * session. `now` is in ms since the epoch.
 */
export function troubleIn(rejection: Rejection, now: number): TroubleDetail | undefined {
  const { status, detail, trouble, retryAfterMs } = rejection;
  // The machine knows the code as text; it was found here.
  if (detail !== undefined) return detail as TroubleDetail;
  const what = rejectionText(rejection);
  if (rejection.endpoint === 'whoami' && rejection.errcode === 'M_UNRECOGNIZED') {
    const where = 'perhaps the federation port of a homeserver (8448)';
    return { code: 'no-homeserver', what: `what answers there has no API for clients: ${where} (${what})` };
  }
  if (trouble === 'timeout') return { code: 'timeout', what };
  if (trouble === 'malformed') return { code: 'malformed-answer', what };
  if (trouble === 'unreachable') return { code: 'unreachable', what };
  if (status === 429) {
    const until = retryAfterMs === undefined ? '' : `, until ${clockTime(now + retryAfterMs)}`;
    return { code: 'rate-limited', what: `${what}${until}` };
  }
  return status >= 500 ? { code: 'server-error', what } : undefined;
}

/** A time of the day for people: `20:15:03`, by the clock of this computer. */
export function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
