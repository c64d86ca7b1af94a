import * as v from 'valibot';
import type { Answer, CallOptions, Secret } from '../../ports/index.ts';
import { malformed } from './answers.ts';
import { type HomeserverOptions, request } from './request.ts';

/** What a homeserver offers to somebody who wants to sign in, each to be asked without a token. */
export interface HomeserverOffers {
  /** `GET /versions`: the versions of the specification that it speaks, in its order. */
  versions(options?: CallOptions): Promise<Answer<readonly string[]>>;
  /** `GET /login`: the types of its login flows. Empty where it has none. */
  loginFlows(options?: CallOptions): Promise<Answer<readonly string[]>>;
  /** `GET /auth_metadata`: what its OAuth 2.0 server offers; `undefined` where it has none. */
  oauth(options?: CallOptions): Promise<Answer<OAuthOffer | undefined>>;
  /** `GET /_matrix/key/v2/server`: what stands behind the colon of its user ids. Many do not answer it to clients. */
  serverName(options?: CallOptions): Promise<Answer<string>>;
}

/** What an OAuth 2.0 server offers (specification, "Server metadata discovery"). */
export interface OAuthOffer {
  readonly issuer: string;
  /** A link and a code for a person, which need no browser where the bot runs. */
  readonly deviceGrant: boolean;
  /** Clients can register themselves. */
  readonly registration: boolean;
  /** Where people look after their sessions, for them to open. */
  readonly accountManagementUri?: string;
}

const versionsBody = v.object({ versions: v.array(v.string()) });
const flowsBody = v.object({ flows: v.array(v.object({ type: v.string() })) });
const keysBody = v.object({ server_name: v.pipe(v.string(), v.nonEmpty()) });
const webAddress = v.pipe(v.string(), v.url());
const metadataBody = v.object({
  issuer: webAddress,
  device_authorization_endpoint: v.fallback(v.optional(webAddress), undefined),
  registration_endpoint: v.fallback(v.optional(webAddress), undefined),
  account_management_uri: v.fallback(v.optional(webAddress), undefined),
});

export function createHomeserverOffers(options: HomeserverOptions): HomeserverOffers {
  const get = <T>(
    path: string,
    read: (body: unknown) => T | undefined,
    { signal, token }: CallOptions & { readonly token?: Secret } = {},
  ): Promise<Answer<T>> =>
    request<T>(options, {
      endpoint: 'other',
      method: 'GET',
      path,
      signal,
      ...(token === undefined ? {} : { token }),
      read: (status, body) => {
        const value = read(body);
        return value === undefined ? malformed('other', status) : { ok: true, value };
      },
    });

  return {
    versions: (call) => get('client/versions', (body) => parsed(versionsBody, body)?.versions, call),
    async loginFlows(call) {
      const flows = (body: unknown) => parsed(flowsBody, body)?.flows.map(({ type }) => type);
      const answer = await get('client/v3/login', flows, call);
      return isAbsent(answer) ? { ok: true, value: [] } : answer;
    },
    async oauth(call) {
      for (const path of ['v1/auth_metadata', 'unstable/org.matrix.msc2965/auth_metadata']) {
        const answer = await get(`client/${path}`, (body) => offerIn(body), call);
        if (!isAbsent(answer)) return answer;
      }
      return { ok: true, value: undefined };
    },
    serverName: (call) => get('key/v2/server', (body) => parsed(keysBody, body)?.server_name, call),
  };
}

/** The homeserver does not have this endpoint, and says so in the way of Matrix. */
function isAbsent(answer: Answer<unknown>): boolean {
  return !answer.ok && [404, 405].includes(answer.rejection.status) && answer.rejection.detail === undefined;
}

function offerIn(body: unknown): OAuthOffer | undefined {
  const metadata = parsed(metadataBody, body);
  if (metadata === undefined) return undefined;
  return {
    issuer: metadata.issuer,
    deviceGrant: metadata.device_authorization_endpoint !== undefined,
    registration: metadata.registration_endpoint !== undefined,
    ...(metadata.account_management_uri === undefined
      ? {}
      : { accountManagementUri: metadata.account_management_uri }),
  };
}

function parsed<Schema extends v.GenericSchema>(
  schema: Schema,
  body: unknown,
): v.InferOutput<Schema> | undefined {
  const { success, output } = v.safeParse(schema, body);
  return success ? output : undefined;
}
