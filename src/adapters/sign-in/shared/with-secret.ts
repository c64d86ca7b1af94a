import { meaningOf, type Rejection } from '../../../machines/auth/index.ts';
import {
  type Answer,
  type AskForSecret,
  readSecretFile,
  Secret,
  type SecretRequest,
  type SecretSource,
  type TokenGrant,
} from '../../../ports/index.ts';

/** A function that gives a secret may take this long, so that no other process waits long for a sign-in. */
const ASK_TIMEOUT_MS = 7_000;

type Use = (secret: Secret) => Promise<Answer<TokenGrant>>;

interface WithSecretOptions {
  readonly signal: AbortSignal;
  /** What it is, for people, such as `password`. */
  readonly name: string;
}

/**
 * Signs in with a secret. Where it is refused, its source is asked anew, and what it gives then is tried if it is another
 * one: a secret that was changed meanwhile costs no failure.
 */
export async function withSecret(
  source: SecretSource,
  options: WithSecretOptions,
  use: Use,
): Promise<Answer<TokenGrant>> {
  const first = await secretFrom(source, { ...options, refused: false });
  if (!first.ok) return first;
  const answer = await use(first.value);
  const refused = !answer.ok && meaningOf(answer.rejection) === 'login-refused';
  if (!refused || isFixed(source) || options.signal.aborted) return answer;
  const second = await secretFrom(source, { ...options, refused: true });
  // The refusal of the first one is the better answer.
  return second.ok && !second.value.equals(first.value) ? use(second.value) : answer;
}

/** The secret that this source gives now. What keeps it from that is trouble that may pass. */
async function secretFrom(
  source: SecretSource,
  { name, ...request }: WithSecretOptions & SecretRequest,
): Promise<Answer<Secret>> {
  if (isFixed(source)) return { ok: true, value: secretOf(source) };
  const given = typeof source === 'function' ? await asked(source, request) : readSecretFile(source.file);
  if (given.problem === undefined) return { ok: true, value: secretOf(given.text) };
  const from = typeof source === 'function' ? 'the function' : 'the file';
  return { ok: false, rejection: unavailable(`${from} that holds the ${name} ${given.problem}`) };
}

/** A secret that can only be what it is. */
export function isFixed(source: SecretSource): source is string | Secret {
  return typeof source === 'string' || source instanceof Secret;
}

/** So that it cannot be printed by accident, whoever prints the way to sign in that has it. */
export function hidden(source: SecretSource): SecretSource {
  return typeof source === 'string' ? new Secret(source) : source;
}

function secretOf(value: string | Secret): Secret {
  return value instanceof Secret ? value : new Secret(value);
}

type Given = { readonly text: string | Secret; readonly problem?: undefined } | { readonly problem: string };

async function asked(ask: AskForSecret, { refused, signal }: SecretRequest): Promise<Given> {
  const timeout = AbortSignal.timeout(ASK_TIMEOUT_MS);
  const ended = AbortSignal.any([signal, timeout]);
  try {
    // `then`: what it throws at once is no different from what it rejects with.
    const text = await Promise.race([
      Promise.resolve({ refused, signal: ended }).then(ask),
      rejectedAtAbort(ended),
    ]);
    const isSecret = text instanceof Secret || typeof text === 'string';
    if (!isSecret || secretOf(text).reveal() === '') return { problem: 'gave none' };
    return { text };
  } catch (error) {
    if (timeout.aborted) return { problem: `gave none within ${ASK_TIMEOUT_MS / 1_000} s` };
    return { problem: `threw ${nameOf(error)}` };
  }
}

function rejectedAtAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** What kind of error it was. Its message is left out: it may quote the secret. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error';
  const { code } = error as NodeJS.ErrnoException;
  const shown = [error.name, code].filter((part) => typeof part === 'string' && /^[\w-]{1,60}$/.test(part));
  return shown.join(' ') || 'an error';
}

function unavailable(what: string): Rejection {
  return {
    endpoint: 'login',
    status: 0,
    meaning: 'transient',
    detail: { code: 'secret-unavailable', what },
  };
}
