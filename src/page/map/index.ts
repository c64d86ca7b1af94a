export { svgOf } from './svg.ts';
export { tall } from './tall.ts';
export { wide } from './wide.ts';
