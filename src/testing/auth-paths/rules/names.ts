/** The rules by name, and what each demands of a bot. */
export const rules = {
  'answers everything': 'It answers every message, those sent in the midst of the trouble included.',
  'answers once': 'It answers no message twice.',
  'leaves dead tokens alone': 'A token that was refused (401 M_UNKNOWN_TOKEN) is not tried again and again.',
  'keeps its device': 'It logs in on the device that it has, not on a new one.',
  'logs in sparingly': 'It logs in no more often than it has to: a homeserver allows few logins.',
  'refreshes one at a time': 'It never sends two refreshes at once: each would end the tokens of the other.',
  'waits as told': 'After a 429 it waits as long as Retry-After says.',
  'stays logged in': 'It does not log out.',
  'sees no expiry in a ban':
    'M_FORBIDDEN from anything but a login or a refresh says nothing about its token.',
  'asks gently': 'While it is refused it does not hammer: at most 10 refused requests in any second.',
  'keeps running': 'It does not end.',
} as const satisfies Readonly<Record<string, string>>;

export type RuleName = keyof typeof rules;
