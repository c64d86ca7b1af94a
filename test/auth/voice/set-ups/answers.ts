import { credentials } from '../../../../src/index.ts';
import { answering, everything, html, page, type SetUp } from './set-up.ts';

/** The proxy answers as a website does that redirects elsewhere. */
function redirecting(origin: string): SetUp['options'] {
  return answering(everything, 301, '', { location: `${origin}/_matrix/client/versions` });
}

/** `.well-known` of `example.test` is answered by the proxy. */
function wellKnown(status: number, body: string): SetUp['options'] {
  return async (place) => {
    await answering(everything, status, body)(place);
    return {
      homeserver: 'example.test',
      fetch: (input, init) =>
        fetch(new Request(input).url.replace('https://example.test', place.proxy.url), init),
    };
  };
}

/** What answers is not what was meant. */
export const wrongAnswers: readonly SetUp[] = [
  {
    name: 'a redirect from http to https',
    options: redirecting('https://matrix.example.test'),
    says: [/redirect/, /https:\/\/matrix\.example\.test/, /Set HOMESERVER_URL/],
  },
  {
    name: 'a redirect to www',
    options: redirecting('https://www.example.test'),
    says: [/redirect/, /https:\/\/www\.example\.test/, /Set HOMESERVER_URL/],
  },
  {
    name: 'a captive portal that sends everybody to its own host',
    options: answering(everything, 302, '', { location: 'http://login.hotel.test/welcome?from=matrix' }),
    says: [/redirect/, /http:\/\/login\.hotel\.test\/welcome/, /login page of the network/],
  },
  {
    name: 'a captive portal that answers everything itself',
    options: answering(everything, 200, '<html><h1>Welcome to our Wi-Fi</h1>', page),
    says: [/no-homeserver/, /200, text\/html, "Welcome to our Wi-Fi"/, /login page of the network/],
  },
  {
    name: 'the address of a web client',
    options: answering(everything, 200, html, page),
    says: [/no-homeserver/, /200, text\/html, "Element"/, /base URL/],
  },
  {
    name: 'a website',
    options: answering(everything, 404, '<h1>Not found</h1>', page),
    says: [/no-homeserver/, /404, text\/html, "Not found"/, /base URL/],
  },
  {
    name: 'an API that is not Matrix',
    options: answering(everything, 404, { message: 'Not Found' }),
    says: [/no-homeserver/, /404, application\/json/, /base URL/],
  },
  {
    name: 'the federation port of a homeserver',
    options: answering(everything, 404, { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' }),
    says: [/login-unsupported/, /HOMESERVER_URL/, /federation port \(8448\)/],
  },
  {
    name: 'the federation port of a homeserver, asked with a token',
    options: async (place) => {
      await answering(everything, 404, { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' })(place);
      return { credentials: credentials({ accessToken: 'canary-at-GoodElsewhere' }) };
    },
    says: [/no-homeserver/, /federation port of a homeserver \(8448\)/, /Set HOMESERVER_URL/],
  },
  {
    name: 'a gate in front of it that speaks JSON',
    options: answering(everything, 401, { detail: 'Unauthorized' }),
    says: [/access-denied/, /401, application\/json/, /Let it pass/],
  },
  {
    name: 'a login page in front of it',
    options: answering(everything, 401, '<title>Sign in</title>', page),
    says: [/access-denied/, /refuses the request: 401, text\/html, "Sign in"/, /Let it pass/],
  },
  {
    name: 'a homeserver that is down',
    options: answering(everything, 502, '<title>Bad Gateway</title>', page),
    says: [/server-error/, /502, text\/html, "Bad Gateway"/, /by itself/],
  },
  {
    name: '.well-known that is forbidden',
    options: wellKnown(403, ''),
    says: [/well-known-unusable/, /403/, /HOMESERVER_URL/],
  },
  {
    name: '.well-known with a comma too many',
    options: wellKnown(200, '{"m.homeserver": {"base_url": "https://matrix.example.test"},}'),
    says: [/well-known-unusable/, /comma/],
  },
  { name: '.well-known that is empty', options: wellKnown(200, ''), says: [/well-known-unusable/, /empty/] },
  {
    name: '.well-known that is a website',
    options: wellKnown(200, html),
    says: [/well-known-unusable/, /HTML/],
  },
  {
    name: '.well-known without an address',
    options: wellKnown(200, '{"m.homeserver": {"base_url": null}}'),
    says: [/well-known-unusable/, /base_url/, /null/],
  },
];
