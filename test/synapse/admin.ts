import { createHmac, randomBytes } from 'node:crypto';
import * as v from 'valibot';

const NonceAnswer = v.object({ nonce: v.string() });
const TokenAnswer = v.object({ access_token: v.string() });

/** Calls Synapse's admin API as an administrator who is made through the shared registration secret. */
export interface SynapseAdmin {
  /** One admin request; rejects when the answer is not a success. */
  request(method: string, path: string, body?: object): Promise<unknown>;
}

export async function createAdmin(url: string, registrationSecret: string): Promise<SynapseAdmin> {
  let token = await registerAdmin(url, registrationSecret);
  const send = (method: string, path: string, body: object | undefined) =>
    fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    request: async (method, path, body) => {
      let response = await send(method, path, body);
      if (response.status === 401) {
        // The lifetime of tokens that a test chose holds for this one as well. Registering spends no login.
        token = await registerAdmin(url, registrationSecret);
        response = await send(method, path, body);
      }
      return await successOf(response, `${method} ${path}`);
    },
  };
}

async function registerAdmin(url: string, registrationSecret: string): Promise<string> {
  const endpoint = `${url}/_synapse/admin/v1/register`;
  const { nonce } = v.parse(NonceAnswer, await successOf(await fetch(endpoint), 'GET register'));
  const username = `admin-${randomBytes(6).toString('hex')}`;
  const password = `canary-pw-${randomBytes(12).toString('hex')}`;
  const mac = createHmac('sha1', registrationSecret)
    .update([nonce, username, password, 'admin'].join('\0'))
    .digest('hex');
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ nonce, username, password, admin: true, mac }),
  });
  return v.parse(TokenAnswer, await successOf(response, 'POST register')).access_token;
}

async function successOf(response: Response, what: string): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`Synapse's admin API answered ${what} with ${response.status}: ${text.slice(0, 300)}`);
  }
  return JSON.parse(text);
}
