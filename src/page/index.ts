/**
 * Serves a page on which sessions can be watched, with endpoints for health checks.
 * @module
 */
export { type AuthPage, type AuthPageOptions, AuthPageOptionsError, type Bot } from './options.ts';
export type { BotView, FleetRow, Messages, Visit } from './protocol.ts';
export { serveAuthPage } from './serve.ts';
