/**
 * Sign-in by OAuth 2.0. It needs the package `oauth4webapi`.
 * @module
 */

export { type OAuthOptions, oauth } from './oauth.ts';
export { oauthRenewal } from './renewal.ts';
