import type { dom } from './dom.ts';
import type { link } from './link.ts';
import type { time } from './time.ts';

/** What the parts of the page's script get of each other. */
export type Dom = ReturnType<typeof dom>;
export type Link = ReturnType<typeof link>;
export type Time = ReturnType<typeof time>;
