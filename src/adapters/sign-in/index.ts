export { matrixRenewal } from './matrix-renewal.ts';
export { type PasswordOptions, password } from './password/index.ts';
export { type AccessTokenOptions, accessToken } from './token/index.ts';
