export { expectedAccount, ofAccount } from './expected-account.ts';
export { loginRequest } from './login-request.ts';
export { userIdentifier } from './user-identifier.ts';
export { hidden, isFixed, withSecret } from './with-secret.ts';
