import { answersEverything, answersOnce, keepsRunning } from './answers.ts';
import { keepsItsDevice, logsInSparingly, seesNoExpiryInABan, staysLoggedIn } from './logins.ts';
import type { RuleName } from './names.ts';
import type { Check } from './rule.ts';
import { leavesDeadTokensAlone, refreshesOneAtATime } from './tokens.ts';
import { asksGently, waitsAsTold } from './waits.ts';

export const checks: Readonly<Record<RuleName, Check>> = {
  'answers everything': answersEverything,
  'answers once': answersOnce,
  'leaves dead tokens alone': leavesDeadTokensAlone,
  'keeps its device': keepsItsDevice,
  'logs in sparingly': logsInSparingly,
  'refreshes one at a time': refreshesOneAtATime,
  'waits as told': waitsAsTold,
  'stays logged in': staysLoggedIn,
  'sees no expiry in a ban': seesNoExpiryInABan,
  'asks gently': asksGently,
  'keeps running': keepsRunning,
};
