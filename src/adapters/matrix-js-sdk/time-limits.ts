import type { MatrixClient } from 'matrix-js-sdk';

/**
 * Gives the client's requests time limits that end with them. The SDK arms a timer for each request with a limit and
 * never clears it: one for each `/sync`, of more than a minute, which would keep a stopped process from ending.
 */
export function limitRequests(client: MatrixClient, defaultLimitMs: number | undefined): void {
  const { http } = client;
  const request = http.requestOtherUrl.bind(http);
  http.requestOtherUrl = (method, url, body, { localTimeoutMs = defaultLimitMs, ...options } = {}) => {
    if (localTimeoutMs === undefined) return request(method, url, body, options);
    const limit = AbortSignal.timeout(localTimeoutMs);
    const abortSignal =
      options.abortSignal === undefined ? limit : AbortSignal.any([limit, options.abortSignal]);
    return request(method, url, body, { ...options, abortSignal });
  };
}
