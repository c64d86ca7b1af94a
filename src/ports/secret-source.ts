import type { Secret } from './secret.ts';

/** A secret, or where it is to be had: from a file, or from a function such as a secret manager's. */
export type SecretSource = string | Secret | SecretFile | AskForSecret;

/** A file that holds nothing but the secret. It is read at each sign-in, so it may be replaced while a bot runs. */
export interface SecretFile {
  readonly file: string;
}

/** Gives the secret, at each sign-in. */
export type AskForSecret = (request: SecretRequest) => string | Secret | Promise<string | Secret>;

export interface SecretRequest {
  /** The one that it gave last was refused: a cache is not to answer with it again. */
  readonly refused: boolean;
  /** Aborts when nobody waits for the secret any more. */
  readonly signal: AbortSignal;
}
