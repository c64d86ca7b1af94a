export { GraphvizMissingError, toSvg } from './svg.ts';
