/**
 * What is wrong with a user name, as the rest of a sentence; `undefined` where a homeserver can be asked with it: a user
 * name or user id, an e-mail address or a phone number.
 */
export function userNameProblem(name: string): string | undefined {
  const example = 'Give "bot", "@bot" or "@bot:example.org".';
  if (/^https?:/i.test(name)) return `is a web address, not a Matrix user name. ${example}`;
  if (/^[#!]/.test(name)) return `is the name of a room, not of a user. ${example}`;
  if (/^\+[\d\s().-]+$/.test(name)) {
    const digits = name.replace(/\D/g, '').length;
    return digits >= 7 && digits <= 15
      ? undefined
      : `is no phone number with its country code, such as +491701234567. ${example}`;
  }
  if (/^[^@]+@[^@]+$/.test(name)) {
    if (/^[^@:\s]+@[^@:\s]+$/.test(name)) return undefined;
    return `is neither an e-mail address nor a Matrix user name. ${example}`;
  }
  return /^@?[^@:\s]+(:[^@\s]+)?$/.test(name) ? undefined : `is no Matrix user name. ${example}`;
}
