import * as sdk from 'matrix-js-sdk-42';
import { describeMatrixJsSdk } from './matrix-js-sdk-suite.ts';

describeMatrixJsSdk('42.4', sdk);
