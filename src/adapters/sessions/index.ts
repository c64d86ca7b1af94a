export type { AskWhoami } from './given-token.ts';
export { SessionKeeper } from './keeper.ts';
export { Leadership } from './leadership.ts';
export { defaultLoginBudget, type LoginBudget } from './login-budget.ts';
export { LoginNames } from './login-names.ts';
export type { RenewToEnd } from './logout.ts';
export { isInMemory, memorySessions } from './memory.ts';
export type { KeeperResult } from './session-renewal.ts';
