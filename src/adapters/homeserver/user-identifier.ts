/** `bot`, `@bot` and `@bot:server` as the specification's `m.id.user` identifier: one attempt, not three. */
export function userIdentifier(username: string): { readonly type: 'm.id.user'; readonly user: string } {
  const name = username.trim();
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
 * Whether a configured user name, in any of its spellings, means this user id. User ids are in lower case, apart from
 * historical ones, and homeservers take a name for the user whose id differs from it in case only.
 */
export function namesUser(username: string, userId: string): boolean {
  const user = userIdentifier(username).user.toLowerCase();
  const id = userId.toLowerCase();
  return user.startsWith('@') ? user === id : user === localpartOf(id);
}
