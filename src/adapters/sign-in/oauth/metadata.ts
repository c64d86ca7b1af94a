import * as v from 'valibot';
import type { Rejection } from '../../../machines/auth/index.ts';
import type { Answer } from '../../../ports/index.ts';
import { exchangeHttp, foreignAnswer, type HttpAnswer } from '../../http/index.ts';
import { isInsecure, type Reach } from './call.ts';

/** What is used of the metadata of an authorization server (RFC 8414; specification, "Server metadata discovery"). */
// A type and no interface: the library takes what may have more in it.
export type AuthMetadata = {
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly authorization_endpoint?: string;
  readonly device_authorization_endpoint?: string;
  readonly registration_endpoint?: string;
  readonly revocation_endpoint?: string;
  readonly scopes_supported?: string[];
  /** It is where it was before it was part of the specification: so are its scopes. */
  readonly unstable: boolean;
};

/** Where it is, and where it was before it was part of the specification (MSC2965). */
const PLACES = ['v1/auth_metadata', 'unstable/org.matrix.msc2965/auth_metadata'] as const;
const LONGEST_MS = 86_400_000;
const DEFAULT_MS = 3_600_000;

/** The metadata of one homeserver's authorization server, kept for as long as its answer allows. */
export class MetadataCache {
  #metadata: AuthMetadata | undefined;
  #until = 0;
  #of = '';

  /** `unsupported` where the homeserver has no authorization server. */
  async get(reach: Reach): Promise<Answer<AuthMetadata>> {
    const fresh = this.#of === reach.homeserverUrl && Date.now() < this.#until;
    if (fresh && this.#metadata !== undefined) return { ok: true, value: this.#metadata };
    for (const place of PLACES) {
      const answer = await get(reach, place);
      if (!answer.ok) return answer;
      if (isAbsent(answer.value)) continue;
      const read = metadataIn(reach, answer.value, place !== PLACES[0]);
      if (!read.ok) return read;
      this.#metadata = read.value;
      this.#of = reach.homeserverUrl;
      this.#until = Date.now() + maxAgeMs(answer.value.headers);
      return read;
    }
    const { endpoint } = reach;
    return {
      ok: false,
      rejection: { endpoint, status: 404, errcode: 'M_UNRECOGNIZED', meaning: 'unsupported' },
    };
  }

  /** What is known seems to be out of date. */
  forget(): void {
    this.#until = 0;
  }
}

function get({ endpoint, homeserverUrl, fetch, timeoutMs = 10_000, signal }: Reach, place: string) {
  const address = `${homeserverUrl}/_matrix/client/${place}`;
  return exchangeHttp({ endpoint, address, timeoutMs, signal }, (limit) =>
    fetch(address, { headers: { accept: 'application/json' }, redirect: 'manual', signal: limit }),
  );
}

/** The homeserver does not have this endpoint, and says so in the way of Matrix. */
function isAbsent({ status, body }: HttpAnswer): boolean {
  return [404, 405].includes(status) && typeof body === 'object' && body !== null && 'errcode' in body;
}

function metadataIn(
  { endpoint, homeserverUrl }: Reach,
  answer: HttpAnswer,
  unstable: boolean,
): Answer<AuthMetadata> {
  const { status, body } = answer;
  const parsed = status === 200 ? v.safeParse(bodyFor(homeserverUrl), body) : undefined;
  if (parsed?.success === true) {
    const present = Object.entries(parsed.output).filter(([, value]) => value !== undefined);
    return { ok: true, value: { ...Object.fromEntries(present), unstable } as AuthMetadata };
  }
  const detail = foreignAnswer(answer) ?? unusable(answer);
  const trouble = status === 200 ? ({ trouble: 'malformed' } as const) : {};
  return {
    ok: false,
    rejection: {
      endpoint,
      status,
      meaning: 'transient',
      ...trouble,
      ...(detail === undefined ? {} : { detail }),
    },
  };
}

/** What the metadata lack; `undefined` where the answer has none. */
function unusable({ status, body }: HttpAnswer): Rejection['detail'] | undefined {
  if (status !== 200 || typeof body !== 'object' || body === null) return undefined;
  const { issuer, token_endpoint: address } = body as Readonly<Record<string, unknown>>;
  const why =
    typeof issuer !== 'string'
      ? 'they name no issuer'
      : typeof address !== 'string'
        ? 'they name no token_endpoint'
        : URL.canParse(address)
          ? 'their token_endpoint is not https, and no token is sent in clear'
          : 'their token_endpoint is no address';
  const what = `the homeserver’s metadata of its authorization server cannot be used: ${why}`;
  return { code: 'malformed-answer', what };
}

/** An address that secrets may be sent to. */
function bodyFor(homeserverUrl: string) {
  const address = v.pipe(
    v.string(),
    v.url(),
    v.check((url) => url.startsWith('https://') || (isInsecure(homeserverUrl) && isInsecure(url))),
  );
  const optional = v.fallback(v.optional(address), undefined);
  return v.object({
    issuer: v.string(),
    token_endpoint: address,
    authorization_endpoint: optional,
    device_authorization_endpoint: optional,
    registration_endpoint: optional,
    revocation_endpoint: optional,
    scopes_supported: v.fallback(v.optional(v.array(v.string())), undefined),
  });
}

function maxAgeMs(headers: Headers): number {
  const control = headers.get('cache-control') ?? '';
  if (/no-store|no-cache/.test(control)) return 0;
  const seconds = /max-age=(\d+)/.exec(control)?.[1];
  return seconds === undefined ? DEFAULT_MS : Math.min(Number(seconds) * 1000, LONGEST_MS);
}
