export { CredentialsError } from './credentials-error.ts';
export { credentialsFromEnv, defaultCredentials } from './environment.ts';
export { type CredentialOptions, credentials } from './options.ts';
