/**
 * Keeps a client of matrix-js-sdk signed in.
 * @module
 */
export { type MatrixJsSdkOptions, matrixJsSdk } from './matrix-js-sdk.ts';
