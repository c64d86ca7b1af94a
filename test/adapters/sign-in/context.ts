import { createHomeserver } from '../../../src/adapters/homeserver/index.ts';
import type { AuthorizationRequest, SignInContext } from '../../../src/index.ts';

/** What a way to sign in is given, and what it asked of a person. */
export function contextFor(
  url: string,
  { signal = new AbortController().signal, ...more }: Partial<SignInContext> = {},
): SignInContext & { readonly asked: AuthorizationRequest[] } {
  const asked: AuthorizationRequest[] = [];
  return {
    homeserver: createHomeserver({ url, timeoutMs: 5_000 }),
    homeserverUrl: url,
    fetch,
    deviceId: 'BOTDEVICE1',
    deviceDisplayName: 'bot',
    refreshTokens: true,
    signal,
    ask: (request) => asked.push(request),
    asked,
    ...more,
  };
}
