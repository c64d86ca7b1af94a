export { type MatrixJsSdkOptions, matrixJsSdk } from './matrix-js-sdk.ts';
