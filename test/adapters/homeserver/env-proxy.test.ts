import { describe, expect, it } from 'vitest';
import { proxyNote } from '../../../src/adapters/homeserver/index.ts';

const HTTPS = 'https://matrix.example.org';
const proxy = 'http://canary-pw-user:secret@proxy.example.org:3128';

describe('a proxy in the environment', () => {
  it.each([
    ['HTTPS_PROXY', HTTPS],
    ['https_proxy', HTTPS],
    ['HTTP_PROXY', 'http://matrix.example.org:8008'],
    ['http_proxy', 'http://127.0.0.1:8008'],
  ])('%s is not used by Node, and that is said', (variable, url) => {
    const note = proxyNote(url, { [variable]: proxy }, []);
    expect(note).toMatch(new RegExp(`^${variable} is set, and Node does not use it by itself`));
    expect(note).toContain('NODE_USE_ENV_PROXY=1');
    expect(note).not.toMatch(/canary|secret/);
  });

  it.each([
    ['no variable', {}],
    ['one that is empty', { HTTPS_PROXY: '' }],
    ['one for the other scheme', { HTTP_PROXY: proxy }],
    ['a host that NO_PROXY names', { HTTPS_PROXY: proxy, NO_PROXY: 'localhost, matrix.example.org' }],
    ['a domain that NO_PROXY names', { HTTPS_PROXY: proxy, no_proxy: '.example.org' }],
    ['a domain with an asterisk', { HTTPS_PROXY: proxy, NO_PROXY: '*.example.org' }],
    ['NO_PROXY for everything', { HTTPS_PROXY: proxy, NO_PROXY: '*' }],
  ])('%s: nothing is said', (_, env) => {
    expect(proxyNote(HTTPS, env, [])).toBeUndefined();
  });

  it.each(['example.com', 'atrix.example.org', 'matrix.example.org:8448'])(
    'NO_PROXY=%s is about other hosts or ports',
    (NO_PROXY) => {
      expect(proxyNote(HTTPS, { HTTPS_PROXY: proxy, NO_PROXY }, [])).toContain('HTTPS_PROXY is set');
    },
  );

  it.each([
    ['NODE_USE_ENV_PROXY=1', { NODE_USE_ENV_PROXY: '1' }, []],
    ['--use-env-proxy', {}, ['--use-env-proxy']],
    ['NODE_OPTIONS', { NODE_OPTIONS: '--enable-source-maps --use-env-proxy' }, []],
  ])('with %s it is the way, and may be what fails', (_, env, flags) => {
    expect(proxyNote(HTTPS, { HTTPS_PROXY: proxy, ...env }, flags)).toMatch(
      /goes through the proxy that HTTPS_PROXY names/,
    );
  });
});
