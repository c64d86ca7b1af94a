import type { Frame } from '../frame.ts';

/**
 * How a state is to be taken, one for each colour of the page: `live`: all is well; `serving`: at work, and no request
 * waits; `waiting`: at work, and requests wait; `locked`: an administrator has to act; `person`: somebody has to act
 * here; `off`: nothing runs.
 */
export type Tone = 'live' | 'serving' | 'waiting' | 'locked' | 'person' | 'off';

export function toneOf({ state, tags }: Pick<Frame, 'state' | 'tags'>): Tone {
  if (tags.includes('needs-person') || tags.includes('authorizing')) return 'person';
  if (state === 'locked') return 'locked';
  if (tags.includes('busy')) return tags.includes('usable') ? 'serving' : 'waiting';
  return tags.includes('live') ? 'live' : 'off';
}
