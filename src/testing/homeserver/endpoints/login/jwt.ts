import { createHmac, timingSafeEqual } from 'node:crypto';
import { asNumber, asObject, asString, type JsonObject, parseJson } from '../../../json.ts';
import type { Account } from '../../accounts/accounts.ts';
import { forbidden } from '../../matrix-error.ts';
import type { World } from '../../world.ts';

/** Synapse, by its library's default, takes a token this long after its expiry. */
const LEEWAY_S = 120;

/** The account that a token (HS256) names by `sub`. An account that there is not is made. */
export function provenByJwt(body: JsonObject, secret: string, world: World): Account {
  const token = asString(body['token']);
  if (token === undefined) throw forbidden('Token field for JWT is missing');
  const [header = '', payload = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || signature === '') throw failed('Invalid input segments length');
  const expected = createHmac('sha256', secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw failed('Signature verification failed');
  }
  const claims = asObject(parseJson(Buffer.from(payload, 'base64url').toString()));
  const expiresAt = asNumber(claims['exp']);
  if (expiresAt !== undefined && expiresAt + LEEWAY_S < world.now() / 1000) {
    throw failed('expired_token: The token is expired');
  }
  const localpart = asString(claims['sub']);
  if (localpart === undefined) throw forbidden('Invalid JWT');
  return world.accounts.find(world.accounts.qualify(localpart)) ?? world.accounts.create(localpart, null);
}

const failed = (why: string) => forbidden(`JWT validation failed: ${why}`);
