export { type ApplicationServiceOptions, applicationService } from './application-service/index.ts';
export { type AskOptions, ask, type Question } from './ask/index.ts';
export { type JwtOptions, jwt } from './jwt/index.ts';
export { type LoginTokenOptions, loginToken } from './login-token/index.ts';
export { matrixRenewal } from './matrix-renewal.ts';
export { type PasswordOptions, password } from './password/index.ts';
export { type AccessTokenOptions, accessToken } from './token/index.ts';
