import { randomBytes } from 'node:crypto';
import { relative, sep } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject } from 'vitest';
import { root } from '../../tools/root.ts';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.ts';
import { startSynapse } from '../synapse/server.ts';
import type { HomeserverOptions, RunningHomeserver, StartHomeserver } from './homeserver.ts';
import { rounds } from './long.ts';
import { startTestHomeserverForTests } from './test-homeserver.ts';
import { describeWhereThereIs } from './where-there-is.ts';

export interface BothOptions extends HomeserverOptions {
  /** The time limit of each test. Default: the configuration's. */
  readonly testTimeoutMs?: number;
  /** `npm test` runs it on both, too. Default `false`. */
  readonly alwaysOnBoth?: boolean;
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
 * Runs a suite on the test homeserver and on real Synapse, each started once with `options`: on Synapse in `npm test`,
 * on the other in `npm run test:long`, and on both there if the file has a long form. Where Synapse cannot be had,
 * `npm test` runs it on the test homeserver, and the half on Synapse is skipped, with the reason in its name; with
 * `CI=true` it fails instead.
 */
export function describeOnBoth(
  name: string,
  options: BothOptions,
  suite: (context: BothContext) => void,
): void {
  const { testTimeoutMs: timeout, alwaysOnBoth = false } = options;
  const limits = timeout === undefined ? {} : { timeout };
  const { onTestHomeserver, onSynapse } = rounds({
    short: { onTestHomeserver: alwaysOnBoth || missingSynapse() !== undefined, onSynapse: true },
    long: { onTestHomeserver: true, onSynapse: alwaysOnBoth || hasLongForm() },
  });
  if (onTestHomeserver)
    describe(`${name} (test homeserver)`, limits, () => suiteOn(startTestHomeserverForTests, options, suite));
  if (onSynapse) describeOnSynapse(name, options, suite);
}

/** Whether the file that is being collected says how many rounds it has. */
function hasLongForm(): boolean {
  const path = relative(root, expect.getState().testPath ?? '').replaceAll(sep, '/');
  return inject('filesWithLongForm').includes(path);
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
  { testTimeoutMs: _, alwaysOnBoth: __, ...options }: BothOptions,
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
