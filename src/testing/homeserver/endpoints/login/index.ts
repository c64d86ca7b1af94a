export { loginEndpoints } from './login.ts';
