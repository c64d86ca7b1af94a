/**
 * A Matrix homeserver in memory, a proxy that fails on demand, and tests that walk a bot through the troubles of a session.
 * @module
 */

export {
  type AuthPath,
  AuthPathError,
  type AuthPathPlan,
  assertAuthPath,
  authPathPlans,
  type BotAccount,
  type BotMessage,
  type BotUnderTest,
  type DescribeAuthPathsOptions,
  describeAuthPaths,
  type Finding,
  type ProbeContext,
  type RuleName,
  runAuthPath,
  type SpawnBotOptions,
  type SpawnedBot,
  type Step,
  spawnBot,
  type Target,
  type TestRunner,
} from './auth-paths/index.ts';
export type { LoginNames } from './homeserver/accounts/accounts.ts';
export type { ApplicationService, RateLimit, TestHomeserverOptions } from './homeserver/options.ts';
export type { OAuthControl } from './homeserver/oauth/control.ts';
export type { PendingSignIn } from './homeserver/oauth/oauth-server.ts';
export type { OAuthOptions } from './homeserver/oauth/options.ts';
export type { HomeserverRequest } from './homeserver/requests.ts';
export { startTestHomeserver } from './homeserver/start.ts';
export type { TestHomeserver } from './homeserver/test-homeserver.ts';
export type { Fault, FaultKind, InjectedFault, Injection } from './proxy/fault.ts';
export type { FaultProxy, FaultProxyOptions } from './proxy/fault-proxy.ts';
export type { RequestMatch } from './proxy/match.ts';
export type { RecordedRequest } from './proxy/recorded-request.ts';
export type { WaitOptions } from './proxy/records.ts';
export { startFaultProxy } from './proxy/start.ts';
export {
  type DescribeSessionStoreOptions,
  describeSessionStore,
  type OpenedStores,
} from './session-store/index.ts';
