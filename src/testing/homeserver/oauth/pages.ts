import type { Incoming } from '../incoming.ts';
import { escaped, page, Reply } from '../reply.ts';
import type { Route } from '../router.ts';
import type { World } from '../world.ts';
import type { AuthorizationQuery, OAuthServer } from './oauth-server.ts';

type OAuthRoute = (
  method: string,
  path: string,
  answer: (incoming: Incoming, server: OAuthServer, world: World) => unknown,
) => Route;

/** The pages on which a person approves a sign-in, with their user name and password. */
export function oauthPages(oauth: OAuthRoute): Route[] {
  return [
    oauth('GET', '/link', ({ query }, server) => {
      const code = query.get('code') ?? '';
      const found = server.pending.find(({ userCode }) => userCode === code);
      if (found === undefined) return page('Which code?', codeForm(code));
      return page('Sign in a device', decisionForm(found, { code }));
    }),
    oauth('POST', '/link', ({ body }, server, world) => {
      const form = new URLSearchParams(body);
      const code = form.get('code') ?? '';
      if (!server.pending.some(({ userCode }) => userCode === code))
        return page('Which code?', codeForm(code));
      if (form.get('decision') !== 'approve') {
        server.decide(code, 'denied');
        return page('Denied', '<p>The device is not signed in.</p>');
      }
      const userId = userIn(form, world);
      if (userId === undefined) return page('Wrong user name or password', codeForm(code), 403);
      server.decide(code, { userId });
      return page('Approved', '<p>The device is signed in.</p>');
    }),
    oauth('GET', '/authorize', ({ query }, server) => {
      const found = server.checkQuery(queryIn(query));
      return page('Sign in', decisionForm(found, Object.fromEntries(query)));
    }),
    oauth('POST', '/authorize', ({ body }, server, world) => {
      const form = new URLSearchParams(body);
      const query = queryIn(form);
      server.checkQuery(query);
      const target = new URL(query.redirectUri);
      target.searchParams.set('state', query.state);
      if (form.get('decision') === 'approve') {
        const userId = userIn(form, world);
        if (userId === undefined) return page('Wrong user name or password', '', 403);
        target.searchParams.set('code', server.issueCode(query, userId));
      } else target.searchParams.set('error', 'access_denied');
      return new Reply(303, '', { location: target.href });
    }),
  ];
}

function queryIn(query: URLSearchParams): AuthorizationQuery {
  const field = (name: string) => query.get(name) ?? '';
  return {
    clientId: field('client_id'),
    redirectUri: field('redirect_uri'),
    scope: field('scope'),
    state: field('state'),
    codeChallenge: query.get('code_challenge_method') === 'S256' ? field('code_challenge') : '',
  };
}

/** The user whose name and password were typed in. */
function userIn(form: URLSearchParams, { accounts }: World): string | undefined {
  const account = accounts.byLoginName(form.get('username') ?? '');
  const password = form.get('password');
  return password !== null && account?.password === password ? account.userId : undefined;
}

function codeForm(code: string): string {
  return `<form method="get" action="/link"><label>Code <input name="code" value="${escaped(code)}"></label><button>Go on</button></form>`;
}

function decisionForm(
  { clientName, deviceId }: { readonly clientName: string; readonly deviceId: string },
  fields: Readonly<Record<string, string>>,
): string {
  const hidden = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
    .join('');
  return (
    `<p>${escaped(clientName)} wants to sign in as the device ${escaped(deviceId)}.</p>` +
    `<form method="post">${hidden}<label>User name <input name="username" autocomplete="username"></label>` +
    '<label>Password <input name="password" type="password" autocomplete="current-password"></label>' +
    '<button name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button></form>'
  );
}
