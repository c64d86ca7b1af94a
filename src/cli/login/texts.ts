import type { SeenServer } from '../doctor/server.ts';
import type { StoreAddress } from '../source/source.ts';
import { storeName } from '../source/store-option.ts';
import { clock } from '../words.ts';
import type { Lines } from './lines.ts';
import type { SignedIn } from './login.ts';
import { isOAuthInstalled } from '../session/oauth-package.ts';
import type { LoginWay } from './ways.ts';

/** What the homeserver offers, and what is chosen of it. */
export function offersText({ url, name, loginFlows, oauth }: SeenServer, way: LoginWay | undefined): string {
  const called = name === undefined ? '' : ` (${name})`;
  const offers = [
    ...(loginFlows?.includes('m.login.password') === true ? ['a user name with a password'] : []),
    ...(loginFlows?.includes('m.login.sso') === true ? ['single sign-on in a browser'] : []),
    ...(oauth === undefined
      ? []
      : [`OAuth 2.0 at ${oauth.issuer}${isOAuthInstalled() ? '' : ' (with the package oauth4webapi)'}`]),
  ];
  const list = offers.length === 0 ? 'no way to sign in that is known here' : offers.join(', ');
  const choice = way === undefined ? '' : `Signing in with ${way.takes}.\n`;
  return `${url}${called} signs in with: ${list}.\n${choice}`;
}

export function whoText({ already, userId, deviceId }: SignedIn): string {
  const device = deviceId === undefined ? '' : ` on device ${deviceId}`;
  return `${already ? 'Signed in already' : 'Signed in'} as ${userId ?? 'an unknown user'}${device}.\n`;
}

export function signedInText(signedIn: SignedIn, address: StoreAddress, lines: Lines): string {
  const { refreshable, expiresAt } = signedIn;
  const renewal =
    refreshable === true
      ? 'It renews itself.'
      : expiresAt === undefined
        ? 'It has no refresh token: it lasts until somebody ends it.'
        : `It has no refresh token, and ends at ${clock(expiresAt, Date.now())}.`;
  const name = address.session === 'default' ? '' : `, as ${JSON.stringify(address.session)}`;
  return [
    whoText(signedIn),
    `The session is in ${storeName(address)}${name}. ${renewal}\n`,
    `\nThe bot needs these packages:\n  npm install ${lines.packages.join(' ')}\n`,
    'in its environment:\n',
    ...lines.environment.map((line) => `  ${line}\n`),
    'and in its code:\n',
    ...lines.code.map((line) => `  ${line}\n`),
  ].join('');
}
