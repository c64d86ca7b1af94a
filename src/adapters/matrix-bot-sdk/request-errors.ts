/** The SDK's class of what a homeserver refuses. */
export type MatrixErrorClass = new (body: MatrixErrorBody, statusCode: number) => Error;

export interface MatrixErrorBody {
  readonly errcode: string;
  readonly error: string;
  readonly retry_after_ms?: number;
}

/** What the SDK's `MatrixError` has, where the bot did not hand that class. */
class RefusedError extends Error {
  readonly body: MatrixErrorBody;
  readonly statusCode: number;
  readonly errcode: string;
  readonly error: string;
  readonly retryAfterMs: number | undefined;

  constructor(body: MatrixErrorBody, statusCode: number) {
    super(`${body.errcode}: ${body.error}`);
    this.body = body;
    this.statusCode = statusCode;
    this.errcode = body.errcode;
    this.error = body.error;
    this.retryAfterMs = body.retry_after_ms;
  }
}

/** An answer that is no success and names no error code: the SDK throws the answer itself, with these fields. */
class BadAnswerError extends Error {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;

  constructor({ statusCode, headers, body }: Answer) {
    super(`The homeserver answered ${statusCode}`);
    this.statusCode = statusCode;
    this.headers = headers;
    this.body = body;
  }
}

/** The answer of a request, as the SDK gives it to who asks for it `raw`. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What JSON it is, else a string; a `Buffer` where that was asked for. */
  readonly body: unknown;
}

/** What is thrown for this answer; `undefined` for a success. */
export function errorOf(answer: Answer, MatrixError: MatrixErrorClass = RefusedError): Error | undefined {
  const { statusCode, body } = answer;
  const refusal = Buffer.isBuffer(body) && statusCode >= 400 ? parsed(body.toString()) : body;
  if (isRefusal(refusal)) return new MatrixError(refusal, statusCode);
  return statusCode < 200 || statusCode >= 300 ? new BadAnswerError(answer) : undefined;
}

/** There was no answer. Its `code` is the system's, such as `ECONNREFUSED`, as bots on the SDK know it. */
export function withoutAnswer(error: unknown, timeoutMs: number): unknown {
  const { name, cause } = error as { readonly name?: unknown; readonly cause?: { readonly code?: unknown } };
  if (name === 'TimeoutError') {
    const message = `The homeserver did not answer within ${timeoutMs} ms`;
    return Object.assign(new Error(message, { cause: error }), { code: 'ETIMEDOUT' });
  }
  const code = cause?.code;
  if (typeof code !== 'string') return error;
  return Object.assign(new Error(`The homeserver could not be reached: ${code}`, { cause: error }), { code });
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRefusal(body: unknown): body is MatrixErrorBody {
  return typeof body === 'object' && body !== null && 'errcode' in body;
}
