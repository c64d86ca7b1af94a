export { createAuthFetch, type CurrentToken } from './auth-fetch.ts';
export {
  Gate,
  type GateState,
  type HeldTime,
  RequestHeldTooLongError,
  TooManyRequestsHeldError,
} from './gate.ts';
