export * from './auth/index.ts';
export { wallClock } from './clock.ts';
