export type { BotAccount, BotMessage, BotUnderTest, ProbeContext } from './bot.ts';
export { type DescribeAuthPathsOptions, describeAuthPaths, type TestRunner } from './describe.ts';
export { AuthPathError, type Finding } from './finding.ts';
export type { AuthPath, AuthPathPlan, Step, Target } from './plan.ts';
export { authPathPlans } from './plans.ts';
export type { RuleName } from './rules/names.ts';
export { assertAuthPath, runAuthPath } from './assert-auth-path.ts';
export { type SpawnBotOptions, type SpawnedBot, spawnBot } from './spawn-bot.ts';
