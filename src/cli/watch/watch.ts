import { SIGNED_IN } from '../status/exit-codes.ts';
import { type SourceOptions, sourceOf } from '../source/source.ts';
import type { Output } from './output.ts';
import { watchPage } from './watch-page.ts';
import { watchStore } from './watch-store.ts';

/**
 * Prints a line for each transition until it is interrupted. Returns the exit code.
 * @throws {UsageError} {@link UnreachableError} if it cannot begin
 */
export async function watch(options: SourceOptions): Promise<number> {
  const source = sourceOf(options);
  const end = new AbortController();
  const stop = () => end.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // The reader of a pipe has closed it, as `head` does.
  process.stdout.once('error', stop);
  const output: Output = {
    json: options.json === true,
    line: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    signal: end.signal,
  };
  try {
    if (source.kind === 'page') await watchPage(source, output);
    else await watchStore(source, output);
    return SIGNED_IN;
  } finally {
    // What else is under way ends with it.
    end.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    process.stdout.off('error', stop);
  }
}
