export { type PasswordOptions, password } from './password.ts';
