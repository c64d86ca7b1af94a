import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import type { MatrixAuth } from '../../src/index.ts';
import { startTestHomeserver, type TestHomeserver } from '../../src/testing/index.ts';
import { canaryPassword } from '../support/both.ts';

const jwtSecret = 'the key of the tokens, long enough for HS256';
const asToken = 'canary-at-application-service-0123456789';
let homeserver: TestHomeserver;
let password: string;

beforeEach(async () => {
  password = canaryPassword();
  homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password }],
    jwtSecret,
    applicationServices: [{ token: asToken, users: '@bot:' }],
  });
  vi.stubEnv('HOMESERVER_URL', homeserver.url);
  vi.spyOn(console, 'info').mockImplementation(() => {});
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await homeserver.stop();
});

/** What serves the password over HTTP: a secret manager, or an operator's desk. */
async function serving(text: string): Promise<string> {
  const server = createServer((_, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-docs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'secret');
  await writeFile(file, `${text}\n`);
  return file;
}

async function signsIn(example: Promise<{ readonly auth: MatrixAuth<undefined> }>): Promise<void> {
  const { auth } = await example;
  try {
    expect(auth.snapshot()).toMatchObject({ state: 'valid', userId: '@bot:localhost' });
    homeserver.expireTokens();
    expect((await auth.fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`)).status).toBe(200);
    expect(homeserver.refreshes).toBe(1);
  } finally {
    await auth.stop();
  }
}

it('sign-in-secret.ts', async () => {
  vi.stubEnv('VAULT_URL', await serving(password));
  await signsIn(import('../../docs/examples/sign-in-secret.ts'));
});

it('sign-in-jwt.ts', async () => {
  vi.stubEnv('JWT_SECRET', jwtSecret);
  await signsIn(import('../../docs/examples/sign-in-jwt.ts'));
});

it('sign-in-login-token.ts', async () => {
  vi.stubEnv('LOGIN_TOKEN', homeserver.issueLoginToken('@bot:localhost'));
  await signsIn(import('../../docs/examples/sign-in-login-token.ts'));
});

it('sign-in-application-service.ts', async () => {
  vi.stubEnv('AS_TOKEN_FILE', await fileWith(asToken));
  await signsIn(import('../../docs/examples/sign-in-application-service.ts'));
});

it('sign-in-ask.ts', async () => {
  const keyboard = new PassThrough();
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(keyboard as unknown as typeof process.stdin);
  const output = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    if (String(text).startsWith('User name')) keyboard.write('bot\n');
    if (String(text).startsWith('Password')) keyboard.write(`${password}\n`);
    return true;
  });
  await signsIn(import('../../docs/examples/sign-in-ask.ts'));
  expect(output.mock.calls.map(([text]) => String(text)).join('')).toContain(homeserver.url);
});

it('sign-in-oauth.ts', async () => {
  await homeserver.stop();
  homeserver = await startTestHomeserver({
    users: [{ localpart: 'bot', password }],
    oauth: { pollIntervalMs: 50 },
  });
  vi.stubEnv('HOMESERVER_URL', homeserver.url);
  vi.stubEnv('BOT_DB', `${await fileWith('')}.db`);
  vi.mocked(console.warn).mockImplementation(() => homeserver.oauth.approve('@bot:localhost'));
  await signsIn(import('../../docs/examples/sign-in-oauth.ts'));
  expect(vi.mocked(console.warn).mock.calls.flat().join()).toMatch(
    /Open http:\S+code=[A-Z]{6}, compare [A-Z]{6}/,
  );
});

it('sign-in-ladder.ts: a dead token, a wrong password, and in the end a person', async () => {
  vi.stubEnv('ACCESS_TOKEN', 'canary-at-dead');
  vi.stubEnv('MATRIX_PASSWORD_FILE', await fileWith('an old password'));
  vi.stubEnv('OPERATOR_URL', await serving(password));
  await signsIn(import('../../docs/examples/sign-in-ladder.ts'));
  expect(vi.mocked(console.warn).mock.calls.flat()).toContainEqual(
    expect.stringContaining('waits for an answer'),
  );
});
