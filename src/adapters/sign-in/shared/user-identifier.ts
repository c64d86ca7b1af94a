/** How a login says who signs in (specification, "Identifier types"). */
export type UserIdentifier =
  | { readonly type: 'm.id.user'; readonly user: string }
  | { readonly type: 'm.id.thirdparty'; readonly medium: 'email' | 'msisdn'; readonly address: string };

/**
 * `bot`, `@bot` and `@bot:server` as `m.id.user`; an e-mail address, and a phone number that begins with `+`, as
 * `m.id.thirdparty`. One attempt, not three.
 */
export function userIdentifier(username: string): UserIdentifier {
  const name = username.trim();
  if (/^[^@:\s]+@[^@:\s]+$/.test(name)) return { type: 'm.id.thirdparty', medium: 'email', address: name };
  if (/^\+[\d\s().-]+$/.test(name)) {
    return { type: 'm.id.thirdparty', medium: 'msisdn', address: name.replace(/\D/g, '') };
  }
  return {
    type: 'm.id.user',
    user: name.includes(':') ? `@${name.replace(/^@/, '')}` : name.replace(/^@/, ''),
  };
}

/** The part of a user name or user id before the colon, without the `@`. */
export function localpartOf(username: string): string {
  return username.trim().replace(/^@/, '').replace(/:.*/s, '');
}

/**
 * Whether a configured user name, in any of its spellings, can mean this user id. User ids are in lower case, apart from
 * historical ones, and homeservers take a name for the user whose id differs from it in case only. Whom an e-mail address
 * or a phone number means, only the homeserver knows. A homeserver may also map a login name to another localpart (LDAP,
 * for one): what a login itself answered goes before this comparison.
 */
export function namesUser(username: string, userId: string): boolean {
  const identifier = userIdentifier(username);
  if (identifier.type === 'm.id.thirdparty') return true;
  const user = identifier.user.toLowerCase();
  const id = userId.toLowerCase();
  return user.startsWith('@') ? user === id : user === localpartOf(id);
}
