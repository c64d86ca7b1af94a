import type { Trace } from '../trace.ts';

/** Looks at what was seen; says in plain words what was wrong with it, if anything was. */
export type Check = (trace: Trace) => readonly string[];
