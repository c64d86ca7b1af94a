import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Report } from '../../../src/cli/doctor/report.ts';
import { type Fault, startFaultProxy, startTestHomeserver } from '../../../src/testing/index.ts';
import { canaryPassword } from '../../support/both.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { runCliProcess } from '../running.ts';

/** A server that is named, and what both commands have to say of it. */
interface WrongServer {
  readonly name: string;
  readonly server: () => Promise<string> | string;
  readonly code: string;
  readonly says: RegExp;
}

/** A homeserver, with something before it that answers in its place. */
async function behind(fault: Fault): Promise<string> {
  const homeserver = await startTestHomeserver();
  onTestFinished(() => homeserver.stop());
  const proxy = await startFaultProxy({ target: homeserver.url });
  onTestFinished(() => proxy.stop());
  proxy.inject({ match: () => true, times: Number.POSITIVE_INFINITY, fault });
  return proxy.url;
}

const page = (title: string) => ({
  headers: { 'content-type': 'text/html' },
  body: `<!doctype html><title>${title}</title>`,
});

async function onTls(): Promise<string> {
  const server = createServer(makeCertificate(), (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const wrong: readonly WrongServer[] = [
  {
    name: 'a server name that there is not',
    server: () => 'no-such-server.invalid',
    code: 'name-unresolved',
    says: /no-such-server\.invalid[\s\S]*typing mistake/,
  },
  {
    name: 'an address that there is not',
    server: () => 'https://matrix.no-such-server.invalid',
    code: 'name-unresolved',
    says: /matrix\.no-such-server\.invalid[\s\S]*typing mistake/,
  },
  {
    name: 'a website',
    server: () => behind({ kind: 'answer', status: 200, ...page('Welcome to example.org') }),
    code: 'no-homeserver',
    says: /200, text\/html, "Welcome to example\.org"/,
  },
  {
    name: 'a server that speaks JSON, and is no homeserver',
    server: () => behind({ kind: 'answer', status: 404, body: { message: 'Not Found' } }),
    code: 'no-homeserver',
    says: /404/,
  },
  {
    name: 'a port that nothing listens at',
    server: async () => {
      const homeserver = await startTestHomeserver();
      await homeserver.stop();
      return homeserver.url;
    },
    code: 'connection-refused',
    says: /Nothing listens at this address and port/,
  },
  {
    name: 'a certificate that nobody has signed',
    server: onTls,
    code: 'certificate-self-signed',
    says: /NODE_EXTRA_CA_CERTS/,
  },
  {
    name: 'https where http is spoken',
    server: async () => {
      const homeserver = await startTestHomeserver();
      onTestFinished(() => homeserver.stop());
      return homeserver.url.replace('http:', 'https:');
    },
    code: 'tls-on-plain-port',
    says: /This port speaks http, not https/,
  },
  {
    name: 'a captive portal that sends on to its page',
    server: () =>
      behind({
        kind: 'answer',
        status: 302,
        headers: { location: 'http://portal.hotel.example.test/login' },
      }),
    code: 'redirect',
    says: /to http:\/\/portal\.hotel\.example\.test\/login,[\s\S]*login page of the network/,
  },
  {
    name: 'a captive portal that answers with its page',
    server: () => behind({ kind: 'answer', status: 200, ...page('Sign in to the network') }),
    code: 'no-homeserver',
    says: /200, text\/html, "Sign in to the network"[\s\S]*login page of the network/,
  },
  {
    name: 'a captive portal that says what it is',
    server: () => behind({ kind: 'answer', status: 511, ...page('Sign in to the network') }),
    code: 'access-denied',
    says: /The network wants somebody to sign in to it first: 511/,
  },
];

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'matrix-auth-machine-wrong-'));
  return () => rm(cwd, { recursive: true, force: true });
});

test.each(wrong)('login and doctor tell the same of $name', async ({ server, code, says }) => {
  const named = await server();
  const password = canaryPassword();
  const env = { MATRIX_USERNAME: 'bot', MATRIX_PASSWORD: password };
  const login = await runCliProcess(['login', named], { cwd, env });
  const doctor = await runCliProcess(['doctor', named, '--json'], { cwd, env });
  const { findings } = JSON.parse(doctor.stdout) as Report;
  const finding = findings.find(({ toDo }) => toDo !== undefined);
  expect(finding?.code).toBe(code);
  expect(login.stderr).toMatch(says);
  expect(login.stderr).toContain(`docs/troubleshooting.md#${code}`);
  expect(login.stderr).toBe(`error: ${finding?.says} ${finding?.toDo}\n`);
  expect(login).toMatchObject({ code: 2, stdout: '' });
  expect(readdirSync(cwd)).toEqual([]);
  for (const text of [login.stderr, doctor.stdout, doctor.stderr]) expect(text).not.toContain(password);
});
