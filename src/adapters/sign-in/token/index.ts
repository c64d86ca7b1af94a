export { type AccessTokenOptions, accessToken } from './access-token.ts';
