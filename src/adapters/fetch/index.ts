export { createAuthFetch, type CurrentToken } from './auth-fetch.ts';
export { Gate, type GateState, RequestHeldTooLongError, TooManyRequestsHeldError } from './gate.ts';
