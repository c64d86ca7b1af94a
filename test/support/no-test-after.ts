/** The environment variable with the time, in ms since 1970, after which no test is begun. */
export const NO_TEST_AFTER = 'TEST_NOT_AFTER';
