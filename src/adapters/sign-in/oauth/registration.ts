import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import type { Answer } from '../../../ports/index.ts';
import { call, type Reach } from './call.ts';
import type { AuthMetadata } from './metadata.ts';
import { refusalIn } from './oauth-refusal.ts';

/** How a person approves: on any device, by a link and a code; or in a browser on this computer. */
export type GrantType = 'device' | 'browser';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Registered without a port: the server takes any (RFC 8252, section 7.3). */
const REDIRECT_URI = 'http://127.0.0.1/callback';

export interface ClientDescription {
  readonly clientName: string;
  readonly clientUri: string;
}

/** Who registers has to show something, which only the administrator of the server can give (RFC 7591, section 3). */
const closed = ['invalid_token', 'insufficient_scope', 'access_denied', 'unauthorized_client'];

const registered = v.object({ client_id: v.pipe(v.string(), v.nonEmpty()) });

/** Registers this program as a client (RFC 7591), and gives its id. A public client: it has no secret. */
export async function registerClient(
  metadata: AuthMetadata,
  grant: GrantType,
  { clientName, clientUri }: ClientDescription,
  reach: Reach,
): Promise<Answer<string>> {
  const { registration_endpoint: address } = metadata;
  if (address === undefined) {
    return { ok: false, rejection: { endpoint: reach.endpoint, status: 0, meaning: 'unsupported' } };
  }
  const client = {
    client_name: clientName,
    client_uri: clientUri,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    ...(grant === 'device'
      ? { grant_types: [DEVICE_CODE, 'refresh_token'], response_types: [] }
      : {
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          redirect_uris: [REDIRECT_URI],
        }),
  };
  const answer = await call(reach, address, (options) =>
    oauth.dynamicClientRegistrationRequest(metadata, client, options),
  );
  if (!answer.ok) return answer;
  const { status, body } = answer.value;
  if ((status === 201 || status === 200) && v.is(registered, body))
    return { ok: true, value: body.client_id };
  const rejection = refusalIn(reach, answer.value);
  return {
    ok: false,
    rejection: closed.includes(rejection.errcode ?? '')
      ? { ...rejection, meaning: 'login-refused' }
      : rejection,
  };
}
