import * as sdk from 'matrix-js-sdk';
import { describeMatrixJsSdk } from './matrix-js-sdk-suite.ts';

describeMatrixJsSdk('43', sdk);
