import type { Rejection } from '../machines/auth/index.ts';

/**
 * Reads what an SDK has thrown: `MatrixError` of matrix-js-sdk (`errcode`, `httpStatus`, `data`) and of matrix-bot-sdk
 * (`errcode`, `statusCode`, `body`), and whatever has one of them as its `cause`. `undefined` where no homeserver
 * has refused anything.
 */
export function rejectionOfError(error: unknown): Rejection | undefined {
  for (let depth = 0, at = error; depth < 4 && isRecord(at); depth += 1, at = at['cause']) {
    const status = at['httpStatus'] ?? at['statusCode'] ?? at['status'];
    const errcode = at['errcode'];
    if (typeof status !== 'number' || (typeof errcode !== 'string' && !isRecord(at['data']))) continue;
    const body = [at['data'], at['body']].find(isRecord) ?? {};
    const retryAfterMs = body['retry_after_ms'];
    return {
      endpoint: 'other',
      status,
      ...(typeof errcode === 'string' ? { errcode } : {}),
      ...(typeof body['soft_logout'] === 'boolean' ? { softLogout: body['soft_logout'] } : {}),
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      ...(Array.isArray(body['flows']) ? { flows: true } : {}),
    };
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
