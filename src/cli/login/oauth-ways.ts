import type { Credentials, SignIn } from '../../ports/index.ts';
import { RefusedError } from '../errors.ts';
import { commandFor, isOAuthInstalled } from '../session/oauth-package.ts';
import type { LoginWay, WayContext } from './ways.ts';

async function prepare(
  grant: 'device' | 'browser',
  { user, userId, deviceId }: WayContext,
): Promise<Credentials | SignIn> {
  if (!isOAuthInstalled()) {
    throw new RefusedError(
      `OAuth 2.0 needs the package oauth4webapi, which is not installed. Run npm install oauth4webapi, or: ${commandFor(true)} login …`,
    );
  }
  const { oauth } = await import('../../adapters/sign-in/oauth/index.ts');
  const username = user ?? userId;
  return oauth({
    grant,
    ...(username === undefined ? {} : { username }),
    ...(deviceId === undefined ? {} : { deviceId }),
  });
}

const NO_OAUTH = 'no OAuth 2.0 was found there';

/** It needs no browser where it runs, and no password. */
export const byDevice: LoginWay = {
  name: 'device',
  takes: 'a link and a code that you approve, on any device',
  isOffered: ({ oauth, loginFlows }) =>
    oauth?.deviceGrant === true && (isOAuthInstalled() || loginFlows?.includes('m.login.password') === false),
  lacking: ({ oauth }) =>
    oauth === undefined ? NO_OAUTH : oauth.deviceGrant ? undefined : 'it has OAuth 2.0 without codes',
  prepare: (context) => prepare('device', context),
};

export const byBrowser: LoginWay = {
  name: 'browser',
  takes: 'a browser on this computer',
  isOffered: ({ oauth }) => oauth !== undefined,
  lacking: ({ oauth }) => (oauth === undefined ? NO_OAUTH : undefined),
  prepare: (context) => prepare('browser', context),
};
