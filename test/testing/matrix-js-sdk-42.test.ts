import { vi } from 'vitest';
import { describeMatrixJsSdk } from './matrix-js-sdk-suite.ts';

// Two releases in one process refuse to be loaded: here the older one goes by the name of the newer.
vi.mock('matrix-js-sdk', () => import('matrix-js-sdk-42'));

describeMatrixJsSdk('42.4');
