export { credentialsFromEnv } from './environment.ts';
export { type CredentialOptions, CredentialsError, credentials } from './options.ts';
