import type { MatrixClient } from 'matrix-js-sdk';

/**
 * Handles the failure of a `/sync` that the SDK sends and never waits for. A client that is stopped while it starts
 * still sends its first one, which fails at once; Node would end the process for that.
 */
export function handleSyncNobodyAwaits({ http }: MatrixClient): void {
  const request = http.authedRequest.bind(http);
  http.authedRequest = (method, path, ...rest) => {
    const answer = request(method, path, ...rest);
    if (path === '/sync') answer.catch(() => undefined);
    return answer as never;
  };
}
