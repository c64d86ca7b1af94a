/**
 * The machine of a session, its table of refusals, and test plans made from it. It needs XState alone.
 * @module
 */

export * from './auth/index.ts';
export { authPaths } from './auth/model/auth-paths.ts';
export { authCases } from './auth/model/cases.ts';
export { authStateKey } from './auth/model/state-key.ts';
