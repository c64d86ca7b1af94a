export { type LoginTokenOptions, loginToken } from './login-token.ts';
