/** Nothing to sign in with, half of it, or a value that cannot be meant. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
