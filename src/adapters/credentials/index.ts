export { credentialsFromEnv, defaultCredentials } from './environment.ts';
export { type CredentialOptions, CredentialsError, credentials } from './options.ts';
