import type { Renewal } from '../../ports/index.ts';

/** The refresh token of the Matrix specification: `POST /_matrix/client/v3/refresh`. */
export const matrixRenewal: Renewal = {
  kind: 'matrix',
  renew: (refreshToken, { homeserver, signal }) => homeserver.refresh(refreshToken, { signal }),
};
