export { causeOf } from './cause.ts';
export { type Situation, situationOf } from './situation.ts';
export { type Tone, toneOf } from './tone.ts';
