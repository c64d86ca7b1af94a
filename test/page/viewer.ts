import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AuthPage, Messages } from '../../src/page/index.ts';

export type Message = {
  [Name in keyof Messages]: { readonly name: Name; readonly data: Messages[Name] };
}[keyof Messages];

/** Somebody who looks at the page. */
export interface Viewer {
  readonly status: number;
  /** The next message of this name that has not been read yet; those before it are passed over. */
  next<Name extends keyof Messages>(name: Name): Promise<Messages[Name]>;
  /** All that has come so far, as it came. */
  readonly text: string;
  readonly bytes: number;
  /** Stops taking what is sent, and takes it again. */
  pause(): void;
  resume(): void;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  leave(): void;
}

export function view(page: AuthPage, path: string): Promise<Viewer> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = request(new URL(path, page.url), { agent: false }, (response) =>
      resolve(viewerOf(sent, response)),
    );
    sent.on('error', reject);
    sent.end();
  });
}

function viewerOf(sent: ClientRequest, response: IncomingMessage): Viewer {
  const unread: Message[] = [];
  let waiting: (() => void) | undefined;
  let text = '';
  let rest = '';
  let bytes = 0;
  let over = false;
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      over = true;
      waiting?.();
      resolve();
    });
  });
  sent.on('error', () => undefined);
  response.on('error', () => undefined);
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    bytes += part.length;
    text = (text + part).slice(-2_000_000);
    const parts = (rest + part).split('\n\n');
    rest = parts.pop() ?? '';
    for (const message of parts) {
      const [, name, data = 'null'] = /^event: (\w+)\ndata: (.*)$/s.exec(message) ?? [];
      unread.push({ name, data: JSON.parse(data) } as Message);
    }
    waiting?.();
  });
  return {
    status: response.statusCode ?? 0,
    async next(name) {
      for (;;) {
        for (let message = unread.shift(); message !== undefined; message = unread.shift()) {
          if (message.name === name) return message.data as never;
        }
        if (over) throw new Error(`The stream ended without a "${name}".`);
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      }
    },
    get text() {
      return text;
    },
    get bytes() {
      return bytes;
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    ended,
    leave: () => void sent.destroy(),
  };
}
