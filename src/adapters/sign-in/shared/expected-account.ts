import type { Answer, ExpectedAccount, TokenGrant } from '../../../ports/index.ts';
import { localpartOf, namesUser } from './user-identifier.ts';

/** The account that a configured user name means, in any of its spellings. */
export function expectedAccount(username: string): ExpectedAccount {
  return { name: localpartOf(username).toLowerCase(), isUser: (userId) => namesUser(username, userId) };
}

/** The answer, or a refusal where it is another account's: what signs in has not named an account, but it should be this one. */
export function ofAccount(
  answer: Answer<TokenGrant>,
  account: ExpectedAccount | undefined,
): Answer<TokenGrant> {
  const userId = answer.ok ? answer.value.userId : undefined;
  if (account === undefined || userId === undefined || account.isUser(userId)) return answer;
  return { ok: false, rejection: { endpoint: 'login', status: 200, meaning: 'login-refused' } };
}
