export { SessionKeeper } from './keeper.ts';
export type { KeeperResult } from './keeper-result.ts';
export { Leadership } from './leadership.ts';
export { defaultLoginBudget, type LoginBudget } from './login-budget.ts';
export { memorySessions } from './memory.ts';
