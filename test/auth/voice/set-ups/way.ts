import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { onTestFinished, vi } from 'vitest';
import { type CertificateOptions, makeCertificate } from '../../../support/certificate.ts';
import { listening, type SetUp } from './set-up.ts';

/** A port on this computer that nothing listens at. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The address of a server of https with such a certificate. */
async function tlsServer(options: CertificateOptions = {}): Promise<string> {
  const { cert, key } = makeCertificate(options);
  const port = await listening(createTlsServer({ cert, key }, (_, response) => response.end('{}')));
  return `https://127.0.0.1:${port}`;
}

/** The same, with a certificate of an authority that is trusted for the time of the test. */
async function trustedTlsServer(options: CertificateOptions): Promise<string> {
  const issuer = makeCertificate({ authority: true });
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, issuer.cert]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  return tlsServer({ ...options, issuer });
}

/** Each answer of it begins, and does not end. */
async function stallingServer(): Promise<string> {
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{');
  });
  const port = await listening(server);
  onTestFinished(() => server.closeAllConnections());
  return `http://127.0.0.1:${port}`;
}

/** A port that speaks https answers http with an alert of TLS, as OpenSSL has it. */
async function alertingServer(): Promise<string> {
  const alert = Buffer.from('15030100020246', 'hex');
  const server = createTcpServer((socket) => void socket.once('data', () => socket.end(alert)));
  return `http://127.0.0.1:${await listening(server)}`;
}

const unresolved = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }));
const refusing = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));

/** What keeps a bot from its homeserver although its address is well-formed. */
export const wrongWays: readonly SetUp[] = [
  {
    name: 'a host that does not exist',
    options: async () => ({ homeserver: 'https://matrix.example.test', fetch: unresolved }),
    says: [/name-unresolved/, /matrix\.example\.test/, /HOMESERVER_URL/],
  },
  {
    name: 'the name of a container, without a scheme',
    options: async () => ({ homeserver: 'synapse:8008', fetch: unresolved }),
    says: [
      /name-unresolved/,
      /https:\/\/synapse\/\.well-known/,
      /put its scheme before it: http:\/\/synapse:8008/,
    ],
  },
  {
    name: 'a private address, without a scheme',
    options: async () => ({ homeserver: '10.0.0.5', fetch: refusing }),
    says: [/connection-refused/, /put its scheme before it: http:\/\/10\.0\.0\.5/],
  },
  {
    name: 'a port that nothing listens at',
    options: async () => ({ homeserver: `http://127.0.0.1:${await closedPort()}` }),
    says: [/connection-refused/, /127\.0\.0\.1:\d+/, /Check the port/],
  },
  {
    name: 'an IPv6 address that nothing listens at',
    // Where this computer has no IPv6, that is what is said.
    options: async () => ({ homeserver: `http://[::1]:${await closedPort()}` }),
    says: [/connection-refused|host-unreachable/, /\[::1\]:\d+/, /Check the (port|network)/],
  },
  {
    name: 'a host that does not answer',
    options: async ({ proxy }) => {
      proxy.inject({ match: () => true, times: Number.POSITIVE_INFINITY, fault: { kind: 'hang' } });
      return {};
    },
    says: [/timeout/, /not answered/, /firewall/],
  },
  {
    name: 'a host whose answers do not end',
    options: async () => ({ homeserver: await stallingServer() }),
    says: [/timeout/, /not answered/, /firewall/],
  },
  {
    name: 'a proxy in the environment, which Node does not use by itself',
    options: async () => {
      vi.stubEnv('HTTPS_PROXY', 'http://proxy.example.test:3128');
      onTestFinished(() => void vi.unstubAllEnvs());
      return { homeserver: 'https://matrix.example.test', fetch: unresolved };
    },
    says: [/name-unresolved/, /HTTPS_PROXY is set, and Node does not use it/, /NODE_USE_ENV_PROXY=1/],
  },
  {
    name: 'a proxy in the environment that is not there',
    options: async () => {
      vi.stubEnv('HTTPS_PROXY', 'http://proxy.example.test:3128');
      vi.stubEnv('NODE_USE_ENV_PROXY', '1');
      onTestFinished(() => void vi.unstubAllEnvs());
      return { homeserver: 'https://matrix.example.test', fetch: refusing };
    },
    says: [/connection-refused/, /through the proxy that HTTPS_PROXY names: check that one/],
  },
  {
    name: 'https to a port that speaks http',
    options: async ({ proxy }) => ({ homeserver: proxy.url.replace('http:', 'https:') }),
    says: [/tls-on-plain-port/, /Write http:\/\//],
  },
  {
    name: 'http to a port that speaks https',
    options: async () => ({ homeserver: await alertingServer() }),
    says: [/plain-on-tls-port/, /Write https:\/\//],
  },
  {
    name: 'http to a port that speaks https, and hangs up without a word',
    options: async () => ({ homeserver: (await tlsServer()).replace('https:', 'http:') }),
    says: [/connection-reset/, /a port that expects https/],
  },
  {
    name: 'a self-signed certificate',
    options: async () => ({ homeserver: await tlsServer() }),
    says: [/certificate-self-signed/, /NODE_EXTRA_CA_CERTS/],
  },
  {
    name: 'a certificate of an authority that is not known',
    options: async () => ({ homeserver: await tlsServer({ issuer: makeCertificate({ authority: true }) }) }),
    says: [/certificate-untrusted/, /full chain/, /NODE_EXTRA_CA_CERTS/],
  },
  {
    name: 'a certificate that has expired',
    options: async () => ({ homeserver: await trustedTlsServer({ endsInDays: -1 }) }),
    says: [/certificate-expired/, /has expired/, /Renew the certificate/],
  },
  {
    name: 'a certificate for another host',
    options: async () => ({ homeserver: await trustedTlsServer({ hosts: ['matrix.example.test'] }) }),
    says: [
      /certificate-wrong-host/,
      /for another name: matrix\.example\.test/,
      /Use one of those in HOMESERVER_URL/,
    ],
  },
];
