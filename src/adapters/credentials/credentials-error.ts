import { SetUpError } from '../../ports/set-up-error.ts';

/** Nothing to sign in with, half of it, or a value that cannot be meant. */
export class CredentialsError extends SetUpError {
  override readonly name = 'CredentialsError';
}
