export { meterAuth, type MeterOptions } from './meter-auth.ts';
export type { Metered } from './metered.ts';
