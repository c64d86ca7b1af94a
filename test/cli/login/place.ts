import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { FaultProxy } from '../../../src/testing/index.ts';
import { type BothContext, freshUser } from '../../support/both.ts';
import type { RunningHomeserver } from '../../support/homeserver.ts';
import { type CliOptions, type Ran, runCliProcess } from '../running.ts';

/** A homeserver behind a proxy, with an account of this test alone; and the folder that commands are run in. */
export interface Place {
  readonly homeserver: RunningHomeserver;
  readonly proxy: FaultProxy;
  readonly user: { readonly userId: string; readonly localpart: string; readonly password: string };
  readonly folder: string;
  /** Runs a command there. Neither the password nor a token is in what it prints. */
  run(args: readonly string[], options?: CliOptions): Promise<Ran>;
  /** Signs in with the password. */
  login(...more: readonly string[]): Promise<Ran>;
}

export async function placeIn({ homeserver, proxy }: BothContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-login-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const user = await freshUser(homeserver());
  const run: Place['run'] = async (args, options = {}) => {
    const ran = await runCliProcess(args, { cwd: folder, ...options });
    expect(ran.stdout + ran.stderr).not.toContain(user.password);
    expect(ran.stdout + ran.stderr).not.toMatch(/sy[tr]_/);
    return ran;
  };
  const input = `${user.password}\n`;
  return {
    homeserver: homeserver(),
    proxy: proxy(),
    user,
    folder,
    run,
    login: (...more) =>
      run(['login', proxy().url, '--user', user.localpart, '--password-stdin', ...more], { input }),
  };
}
