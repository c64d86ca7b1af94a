export * from './auth/index.ts';
export { authPaths } from './auth/model/auth-paths.ts';
export { authCases } from './auth/model/cases.ts';
export { authStateKey } from './auth/model/state-key.ts';
