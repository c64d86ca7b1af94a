/**
 * Keeps a client of matrix-js-sdk signed in.
 * @module
 */
export { isRepeated } from '../sync/index.ts';
export type { ClientEvent } from './handlers.ts';
export { type MatrixJsSdkOptions, matrixJsSdk } from './matrix-js-sdk.ts';
