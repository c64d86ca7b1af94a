import { asString, isObject, type JsonObject } from '../../../json.ts';
import type { Account } from '../../accounts/accounts.ts';
import { badRequest, invalidParam, matrixError, wrongPassword } from '../../matrix-error.ts';
import type { World } from '../../world.ts';

/** The account whose password is given, by whatever names it. */
export function provenByPassword(type: string, body: JsonObject, world: World): Account {
  const password = body['password'];
  if (type === 'm.login.password' && typeof password !== 'string')
    throw invalidParam('Bad parameter: password');
  const account = accountMeantBy(identifierOf(body), type, world);
  if (account === undefined || account.password === null || account.password !== password) {
    throw wrongPassword();
  }
  return account;
}

function accountMeantBy(identifier: JsonObject, type: string, { accounts }: World): Account | undefined {
  if (identifier['type'] === 'm.id.thirdparty') {
    const medium = asString(identifier['medium']);
    const address = asString(identifier['address']);
    if (medium === undefined || address === undefined) throw badRequest('Invalid thirdparty identifier');
    if (medium !== 'email') return accounts.byThirdParty(medium, address);
    if (address.split('@').length !== 2) throw badRequest('Unable to parse email address');
    return accounts.byThirdParty(medium, address.toLowerCase());
  }
  if (identifier['type'] !== 'm.id.user') throw badRequest('Unknown login identifier type');
  const user = asString(identifier['user']);
  if (user === undefined || user === '') throw badRequest("User identifier is missing 'user' key");
  if (type !== 'm.login.password') throw badRequest(`Unknown login type ${type}`);
  return accounts.byLoginName(user);
}

/** The `identifier`, or what stood for it before there was one. */
function identifierOf(body: JsonObject): JsonObject {
  if ('user' in body) return { type: 'm.id.user', user: body['user'] };
  const identifier = body['identifier'];
  if (identifier === undefined) throw invalidParam('Invalid login submission');
  if (isObject(identifier) && 'type' in identifier) return identifier;
  throw matrixError(400, 'M_MISSING_PARAM', "'identifier' dict has no key 'type'");
}
