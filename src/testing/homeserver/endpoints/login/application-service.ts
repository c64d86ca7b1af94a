import { asString, isObject, type JsonObject } from '../../../json.ts';
import type { Account } from '../../accounts/accounts.ts';
import { accessTokenOf, type Incoming } from '../../incoming.ts';
import { badRequest, forbidden, invalidParam, matrixError, unknownToken } from '../../matrix-error.ts';
import type { World } from '../../world.ts';

/** The application service, by its token; then the account that it names. */
export function provenByApplicationService(incoming: Incoming, world: World): (body: JsonObject) => Account {
  const token = accessTokenOf(incoming);
  const service = world.options.applicationServices.find((each) => each.token === token);
  if (service === undefined) throw unknownToken('Invalid access token passed.', false);
  return ({ identifier }) => {
    if (!isObject(identifier)) throw invalidParam('Invalid identifier');
    if (identifier['type'] !== 'm.id.user') throw badRequest('Unknown login identifier type');
    const user = asString(identifier['user']);
    if (user === undefined) throw badRequest("User identifier is missing 'user' key");
    const userId = world.accounts.qualify(user);
    if (!new RegExp(`^(?:${service.users})`).test(userId)) throw forbidden('Invalid access_token');
    const account = world.accounts.find(userId);
    if (account === undefined) throw matrixError(404, 'M_UNKNOWN', 'No row found (users)');
    return account;
  };
}
