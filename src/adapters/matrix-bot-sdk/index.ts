/**
 * Keeps a client of matrix-bot-sdk, or of its fork, signed in.
 * @module
 */
export type { BotSdkClient } from './bot-client.ts';
export type { BotEvent, MatrixEvent } from './handlers.ts';
export { isRepeated } from '../sync/index.ts';
export { type MatrixBotSdkOptions, matrixBotSdk } from './matrix-bot-sdk.ts';
