export { type AuthFetchOptions, createAuthFetch, type CurrentToken } from './auth-fetch.ts';
export { TokenScope } from './endpoints.ts';
export {
  Gate,
  type GateOptions,
  type GateState,
  type HeldTime,
  RequestHeldTooLongError,
  TooManyRequestsHeldError,
} from './gate.ts';
