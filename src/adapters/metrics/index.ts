/**
 * Measures a session through OpenTelemetry's API.
 * @module
 */
export { meterAuth, type MeterOptions } from './meter-auth.ts';
