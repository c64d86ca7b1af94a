import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, inject } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { startSynapse } from '../synapse/server.ts';
import type { HomeserverOptions, RunningHomeserver, StartHomeserver } from './homeserver.ts';
import { startTestHomeserverForTests } from './test-homeserver.ts';
import { describeWhereThereIs } from './where-there-is.ts';

export interface BothOptions extends HomeserverOptions {
  /** The time limit of each test. Default: the configuration's. */
  readonly testTimeoutMs?: number;
}

export interface BothContext {
  /** The homeserver of this describe. Call it in a test or a hook, not while tests are collected. */
  readonly homeserver: () => RunningHomeserver;
  /** A fault proxy in front of that homeserver, without faults and records at the start of each test. */
  readonly proxy: () => FaultProxy;
  /** Whether the homeserver is real Synapse. */
  readonly real: boolean;
}

/**
 * Runs a suite twice: on the test homeserver and on real Synapse, each started once with `options`. Where Synapse
 * cannot be had its half is skipped, with the reason in its name; with `CI=true` it fails instead.
 */
export function describeOnBoth(
  name: string,
  options: BothOptions,
  suite: (context: BothContext) => void,
): void {
  const { testTimeoutMs: timeout } = options;
  const limits = timeout === undefined ? {} : { timeout };
  describe(`${name} (test homeserver)`, limits, () => suiteOn(startTestHomeserverForTests, options, suite));
  describeOnSynapse(name, options, suite);
}

/** The same on real Synapse alone, for what the test homeserver does not have. */
export function describeOnSynapse(
  name: string,
  options: BothOptions,
  suite: (context: BothContext) => void,
): void {
  const { testTimeoutMs: timeout } = options;
  const limits = timeout === undefined ? {} : { timeout };
  describeWhereThereIs('Synapse', missingSynapse(), `${name} (Synapse)`, limits, () =>
    suiteOn(startSynapse, options, suite),
  );
}

/** Why there is no Synapse in this run; `undefined` where there is one. */
export function missingSynapse(): string | undefined {
  const synapse = inject('synapse');
  return 'unavailable' in synapse ? synapse.unavailable : undefined;
}

function suiteOn(
  start: StartHomeserver,
  { testTimeoutMs: _, ...options }: BothOptions,
  suite: (context: BothContext) => void,
): void {
  let homeserver: RunningHomeserver | undefined;
  let proxy: FaultProxy | undefined;
  beforeAll(async () => {
    homeserver = await start(options);
    proxy = await startFaultProxy({ target: homeserver.url });
  });
  // Bots are stopped after the hook below, and may have sent something between the two.
  beforeEach(() => proxy?.clear());
  afterEach(async () => {
    proxy?.clear();
    await proxy?.back();
  });
  afterAll(async () => {
    await proxy?.stop();
    await homeserver?.stop();
  });
  suite({
    homeserver: () => started(homeserver),
    proxy: () => started(proxy),
    real: start === startSynapse,
  });
}

function started<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error('It is started in beforeAll: ask for it in a test or a later hook.');
  return value;
}

/** A password that can be searched for in everything the tests put out. */
export function canaryPassword(): string {
  return `canary-pw-${randomBytes(12).toString('hex')}`;
}

/** A new account, of this test alone. */
export async function freshUser(
  homeserver: RunningHomeserver,
): Promise<{ readonly userId: string; readonly localpart: string; readonly password: string }> {
  const localpart = `user-${randomBytes(6).toString('hex')}`;
  const password = canaryPassword();
  const { userId } = await homeserver.createUser(localpart, password);
  return { userId, localpart, password };
}
