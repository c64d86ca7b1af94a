import type { LoginFlow, LoginRequest, SignInContext } from '../../../ports/index.ts';

/** The login that this context asks for, by this flow. */
export function loginRequest(
  flow: LoginFlow,
  { deviceId, deviceDisplayName, refreshTokens }: SignInContext,
): LoginRequest {
  return { flow, deviceId, deviceDisplayName, refreshToken: refreshTokens };
}
