import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AuthStoppedError, memorySessions } from '../../src/index.ts';
import { FakeClient, makeAuth, PASSWORD, SdkError, WHOAMI } from './make.ts';

afterEach(() => vi.restoreAllMocks());

describe('after stop()', () => {
  it('called in a listener, the session is stopped, too', async () => {
    const { auth, proxy } = await makeAuth();
    let stopped: Promise<void> | undefined;
    auth.on('state', ({ state }) => {
      if (state === 'valid') stopped ??= auth.stop();
    });
    await auth.start().catch(() => undefined);
    await stopped;
    expect(auth.snapshot().state).toBe('stopped');
    await expect(auth.fetch(`${proxy.url}${WHOAMI}`)).rejects.toBeInstanceOf(AuthStoppedError);
  });

  it('of a session that was never started, requests are refused at once', async () => {
    const { auth, proxy } = await makeAuth({ maxHeldMs: 30 });
    await auth.stop();
    expect(auth.snapshot().state).toBe('stopped');
    await expect(auth.fetch(`${proxy.url}${WHOAMI}`)).rejects.toBeInstanceOf(AuthStoppedError);
  });

  it('a request that was refused and waits gets AuthStoppedError, not the 401 that logs an SDK out', async () => {
    const { auth, proxy } = await makeAuth({ requestTimeoutMs: 500 });
    await auth.start();
    proxy.inject({ match: { path: '/refresh' }, fault: { kind: 'hang' } });
    proxy.inject({
      match: { path: '/whoami' },
      fault: { kind: 'answer', status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } },
    });
    const answer = auth.fetch(`${proxy.url}${WHOAMI}`);
    answer.catch(() => undefined);
    await proxy.waitFor({ path: '/refresh' }, { phase: 'start' });
    const stopped = auth.stop();
    await expect(answer).rejects.toBeInstanceOf(AuthStoppedError);
    proxy.clear();
    await stopped;
  });

  it('work that ends for the lack of a token does not bring the client back to life', async () => {
    const client = new FakeClient();
    const { auth } = await makeAuth({ client });
    await auth.start();
    const work = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const result = auth.run(() => {
      began.resolve();
      return work.promise;
    });
    result.catch(() => undefined);
    await began.promise;
    await auth.stop();
    work.reject(new SdkError(401, 'M_MISSING_TOKEN'));
    await expect(result).rejects.toBeInstanceOf(Error);
    expect(client.connects).toHaveLength(1);
  });

  it('the exchange under way is waited for, even if the client cannot be stopped', async () => {
    const sessions = memorySessions();
    const client = new FakeClient();
    client.stopping = () => Promise.reject(new Error('the client hangs'));
    const { auth, proxy } = await makeAuth({ client, sessions });
    await auth.start();
    proxy.latencyMs = 20;
    void auth.refresh().catch(() => undefined);
    await proxy.waitFor({ path: '/refresh' }, { phase: 'start' });
    await auth.stop().catch(() => undefined);
    expect((await sessions.read('default', 'session'))?.session?.generation).toBe(2);
    // Whatever is left of it ends here, so that the next test is alone.
    await auth.stop().catch(() => undefined);
  });

  it('events that come late are ignored without a word on the console', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { auth } = await makeAuth();
    await auth.start();
    await auth.stop();
    auth.retry();
    auth.provideCredentials({ username: 'bot', password: PASSWORD });
    expect(warn).not.toHaveBeenCalled();
  });

  it('in the same turn as refresh(), the process does not crash, and refresh() rejects', async () => {
    const script = `
      import { createMatrixAuth, credentials } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)};
      import { startTestHomeserver } from ${JSON.stringify(new URL('../../src/testing/index.ts', import.meta.url).href)};
      const homeserver = await startTestHomeserver({ users: [{ localpart: 'bot', password: 'pw' }] });
      const auth = createMatrixAuth({
        homeserver: homeserver.url,
        credentials: credentials({ username: 'bot', password: 'pw' }),
        logger: false,
      });
      await auth.start();
      const refreshed = auth.refresh().then(() => 'resolved', (error) => error.name);
      const stopped = auth.stop();
      console.log(await Promise.race([refreshed, new Promise((done) => setTimeout(done, 300, 'never settled'))]));
      await stopped;
      await homeserver.stop();
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, output: output.trim(), crash: /\w*Error: .*/.exec(errors)?.[0] }).toEqual({
      code: 0,
      output: 'AuthStoppedError',
      crash: undefined,
    });
  });
});
