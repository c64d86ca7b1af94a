import { type Credentials, readSecretFile, Secret } from '../../../src/ports/index.ts';

/** The password that a login with these credentials would send now. */
export function passwordIn({ login }: Credentials): string | undefined {
  const password = login?.password;
  if (password instanceof Secret) return password.reveal();
  if (typeof password !== 'object') return undefined;
  const { text } = readSecretFile(password.file) as { text: string };
  return text;
}
