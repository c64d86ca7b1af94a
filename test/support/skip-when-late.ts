import { beforeEach } from 'vitest';
import { NO_TEST_AFTER } from './no-test-after.ts';

const lastTest = Number(process.env[NO_TEST_AFTER] ?? Number.POSITIVE_INFINITY);

beforeEach(({ skip }) => skip(Date.now() > lastTest, 'there was no time left for it'));
