import type { TroubleCode, TroubleDetail } from './trouble.ts';

type Fault = readonly [code: TroubleCode, what: string];

const expired: Fault = ['certificate-expired', 'its certificate has expired'];
const selfSigned: Fault = ['certificate-self-signed', 'its certificate is self-signed'];
const untrusted: Fault = [
  'certificate-untrusted',
  'its certificate is not signed by an issuer that is trusted here',
];
const wrongHost: Fault = ['certificate-wrong-host', 'its certificate is for another name'];
const unresolved: Fault = ['name-unresolved', 'its name does not resolve'];
const lost: Fault = ['connection-reset', 'the connection was ended without an answer'];
const slow: Fault = ['timeout', 'it did not answer in time'];
const noWay: Fault = ['host-unreachable', 'there is no route to it'];
const plainPort: Fault = ['tls-on-plain-port', 'its port speaks plain http, and https was asked for'];
const noHttp: Fault = ['plain-on-tls-port', 'what it answers is not http; most likely the port speaks https'];

/** Node's codes, those of OpenSSL, and those of its fetch (undici). */
const faults: Readonly<Record<string, Fault>> = {
  ENOTFOUND: unresolved,
  EAI_AGAIN: unresolved,
  EAI_FAIL: unresolved,
  EAI_NODATA: unresolved,
  EAI_NONAME: unresolved,
  ECONNREFUSED: ['connection-refused', 'it refuses the connection'],
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
  ENETDOWN: noWay,
  EHOSTDOWN: noWay,
  EADDRNOTAVAIL: noWay,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: slow,
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  ECONNRESET: lost,
  ECONNABORTED: lost,
  EPIPE: lost,
  UND_ERR_SOCKET: lost,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: [
    'certificate-expired',
    'its certificate is not valid yet, by the clock of this computer',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: [
    'certificate-untrusted',
    'its certificate is signed by an authority that is not trusted here',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: wrongHost,
  HOSTNAME_MISMATCH: wrongHost,
  CERT_REVOKED: ['certificate-untrusted', 'its certificate was revoked'],
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  ERR_SSL_WRONG_VERSION_NUMBER: plainPort,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: plainPort,
  ERR_SSL_HTTP_REQUEST: plainPort,
};

/** Whole families of codes, where the code itself is not known. */
const families: readonly (readonly [RegExp, Fault])[] = [
  [/^HPE_/, noHttp],
  [/^(CERT_|UNABLE_TO_|ERR_TLS_CERT)/, ['certificate-untrusted', 'its certificate is not accepted']],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO$)/, ['tls-failed', 'no secure connection could be made to it']],
];

/** Why a request got no answer, by what `fetch` threw. Its message is not repeated: it may quote the request. */
export function networkFailure(error: unknown, url: string, who = 'the homeserver'): TroubleDetail {
  const codes = codesIn(error);
  const [code, what]: Fault =
    codes.map((one) => faults[one]).find((fault) => fault !== undefined) ??
    families.find(([family]) => codes.some((one) => family.test(one)))?.[1] ??
    (['unreachable', 'the request did not get there'] as const);
  const system = codes[0] === undefined ? '' : ` (${codes[0]})`;
  const names = code === 'certificate-wrong-host' ? certificateNames(error) : '';
  return { code, what: `${who} could not be reached at ${hostIn(url)}: ${what}${names}${system}` };
}

/** The codes of an error and of what caused it, the outermost first. */
function codesIn(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const { code, cause, errors, name } = error as Partial<
    Record<'code' | 'cause' | 'errors' | 'name', unknown>
  >;
  return [
    ...(typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? [code] : []),
    // The parser's own code does not always come with its error.
    ...(name === 'HTTPParserError' && code === undefined ? ['HPE_INVALID'] : []),
    ...codesIn(cause, depth + 1),
    ...(Array.isArray(errors) ? errors.flatMap((one) => codesIn(one, depth + 1)) : []),
  ];
}

/** `: matrix.example.org`: whom the certificate is for, where the error tells it. */
function certificateNames(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return '';
  const { cert, cause } = error as Partial<Record<'cert' | 'cause', unknown>>;
  const { subjectaltname } = (cert ?? {}) as { readonly subjectaltname?: unknown };
  if (typeof subjectaltname !== 'string') return certificateNames(cause, depth + 1);
  const names = subjectaltname.match(/(?<=(^|, )(DNS|IP Address):)[\w.*:-]{1,100}(?=,|$)/g) ?? [];
  return names.length === 0 ? '' : `: ${names.slice(0, 3).join(', ')}`;
}

function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'its address';
}
