/** A key that does something while the demonstration runs. */
export interface Key {
  readonly key: string;
  /** In a word or two, for the line of help. */
  readonly label: string;
  /** Resolves with what it has done, to be printed. */
  press(): Promise<string | undefined> | string | undefined;
}

const CTRL_C = '\u0003';

/** Whether somebody can press keys and see what comes of it. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** `Keys: e expire, r revoke, q quit.` */
export function helpLine(keys: readonly Key[]): string {
  return `Keys: ${keys.map(({ key, label }) => `${key} ${label}`).join(', ')}. The same key again undoes l, o and s.`;
}

/**
 * Calls what each key stands for; Ctrl-C is the last of the keys. Any other key prints the line of help.
 * Returns a function that gives the terminal back.
 */
export function listenToKeys(keys: readonly Key[], print: (line: string) => void): () => void {
  const last = keys.at(-1);
  const pressed = (text: string) => {
    for (const character of text) {
      const found = character === CTRL_C ? last : keys.find(({ key }) => key === character.toLowerCase());
      if (found === undefined) print(helpLine(keys));
      else {
        Promise.resolve(found.press())
          .then((done) => done !== undefined && print(done))
          .catch((error: unknown) => print(String(error)));
      }
    }
  };
  return reading(pressed);
}

/** At the end, where there is a terminal: leaves the page up until a key is pressed, or somebody interrupts. */
export async function pageWatched(interrupted: AbortSignal, print: (line: string) => void): Promise<void> {
  if (!hasTerminal() || interrupted.aborted) return;
  print('The bot goes on, and its page stays up. Press any key to end.');
  await new Promise<void>((resolve) => {
    const stop = reading(() => done());
    const done = () => {
      stop();
      resolve();
    };
    interrupted.addEventListener('abort', done, { once: true });
  });
}

function reading(pressed: (text: string) => void): () => void {
  const { stdin } = process;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', pressed).resume();
  return () => {
    stdin.off('data', pressed).pause();
    stdin.setRawMode(false);
  };
}
