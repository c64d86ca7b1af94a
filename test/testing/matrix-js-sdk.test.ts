import { describeMatrixJsSdk } from './matrix-js-sdk-suite.ts';

describeMatrixJsSdk('43');
