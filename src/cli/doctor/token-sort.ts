import type { Secret } from '../../ports/index.ts';

/** What a token is for, and who issued it, by its first letters. */
export interface TokenSort {
  readonly use: 'access' | 'refresh' | 'login';
  /** For people. */
  readonly name: string;
  /** It is renewed by OAuth 2.0, and so by the client that it was issued to. */
  readonly oauth?: true;
  /** Its refresh token is spent by the first request that carries it, whether or not the answer arrives. */
  readonly losesAnswers?: true;
}

const mas = 'matrix-authentication-service';

const sorts: Readonly<Record<string, TokenSort>> = {
  syt_: { use: 'access', name: 'an access token of Synapse' },
  syr_: { use: 'refresh', name: 'a refresh token of Synapse' },
  syl_: { use: 'login', name: 'a login token of Synapse' },
  mat_: { use: 'access', name: `an OAuth 2.0 access token of ${mas}`, oauth: true },
  mar_: { use: 'refresh', name: `an OAuth 2.0 refresh token of ${mas}`, oauth: true },
  mct_: { use: 'access', name: `an access token of ${mas} for the older login API`, losesAnswers: true },
  mcr_: { use: 'refresh', name: `a refresh token of ${mas} for the older login API` },
  mpt_: { use: 'access', name: `a personal access token of ${mas}` },
};

/** `undefined` where its letters tell nothing. */
export function sortOf(token: Secret): TokenSort | undefined {
  return sorts[token.reveal().slice(0, 4)];
}
