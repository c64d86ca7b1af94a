import { createInterface } from 'node:readline/promises';
import { stripVTControlCharacters } from 'node:util';
import { InterruptedError, UsageError } from '../errors.ts';

/** Whether somebody can be asked: both ends are a terminal. Questions are on the error output, results are not. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks in the terminal.
 * @throws {InterruptedError} at Ctrl-C, and at the end of the input
 */
export async function ask(question: string): Promise<string> {
  const readline = createInterface({ input: process.stdin, output: process.stderr });
  const interrupted = new AbortController();
  for (const event of ['SIGINT', 'close'] as const) readline.once(event, () => interrupted.abort());
  try {
    return (await readline.question(question, { signal: interrupted.signal })).trim();
  } catch (error) {
    if (interrupted.signal.aborted) throw new InterruptedError();
    throw error;
  } finally {
    readline.close();
  }
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACES = ['\u007f', '\b'];

/**
 * Asks in the terminal for what nobody may see: nothing of it is echoed, not even its length.
 * @throws {InterruptedError} at Ctrl-C, and at the end of the input
 */
export async function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // Before the question, for whoever answers at once.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.setEncoding('utf8');
  stdin.resume();
  try {
    return await typed(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function typed(stdin: NodeJS.ReadStream): Promise<string> {
  let text = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onData = (data: string) => {
    // Arrow keys, and what some terminals put around what is pasted, are no part of it.
    for (const character of stripVTControlCharacters(data)) {
      if (character === '\r' || character === '\n') return resolve(text);
      if (character === CTRL_C || (character === CTRL_D && text === ''))
        return reject(new InterruptedError());
      if (character === CTRL_U) text = '';
      else if (BACKSPACES.includes(character)) text = Array.from(text).slice(0, -1).join('');
      else if (character >= ' ') text += character;
    }
  };
  const onEnd = () => reject(new InterruptedError());
  stdin.on('data', onData).once('end', onEnd);
  return promise.finally(() => stdin.off('data', onData).off('end', onEnd));
}

/** More than any secret: what is longer is the wrong file. */
const LONGEST = 65_536;

/**
 * What the standard input holds, without one line end at its end.
 * @throws {UsageError} if it is a terminal, empty, or too long
 */
export async function readInput(option: string, what: string): Promise<string> {
  if (process.stdin.isTTY) {
    throw new UsageError(`${option} reads the ${what} from a pipe, and the standard input is a terminal.`);
  }
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST) throw new UsageError(`${option}: that is too long for a ${what}.`);
  }
  const line = text.replace(/\r?\n$/, '');
  if (line === '') throw new UsageError(`${option}: the standard input holds no ${what}.`);
  return line;
}
