export { stylesheet } from './stylesheet.ts';
