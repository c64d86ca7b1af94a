import type { MatrixAuth } from '../src/index.ts';
import { observe } from '../src/observe/index.ts';
import { type AuthPage, serveAuthPage } from '../src/page/index.ts';

/** The port of the page cannot be had. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  /** The system's code, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    super(`The port cannot be had (${code}).`, { cause });
    this.code = code;
  }
}

/**
 * Serves the live page of one bot.
 * @throws {PortTakenError}
 */
export async function openPage(name: string, auth: MatrixAuth<unknown>, port: number): Promise<AuthPage> {
  try {
    return await serveAuthPage(observe(auth, { name }), { port });
  } catch (error) {
    throw new PortTakenError(error);
  }
}
