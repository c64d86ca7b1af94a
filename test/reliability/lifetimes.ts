import { lengthened } from '../support/slowness.ts';

/** Tokens that live long enough for nothing to expire by itself in a test. */
export const LONG_MS = 60_000;

/** Tokens that live so short that a test can wait for a few of them. */
export const SHORT_MS = lengthened(1_000);

/** The limit of a test: it starts processes, and a busy machine takes its time for that. */
export const LIMIT_MS = 240_000;
