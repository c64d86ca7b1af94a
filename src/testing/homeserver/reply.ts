/** An answer that is not a 200 with JSON. */
export class Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** An object is sent as JSON, a string as a page. */
  readonly body: object | string;

  constructor(status: number, body: object | string, headers: Record<string, string> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** A page for a person. */
export function page(title: string, content: string, status = 200): Reply {
  const style =
    'body{font:1rem system-ui;max-width:30rem;margin:3rem auto}label,button{display:block;margin:1rem 0}';
  return new Reply(
    status,
    `<!doctype html><html lang="en"><title>${escaped(title)}</title><style>${style}</style><h1>${escaped(title)}</h1>${content}</html>`,
  );
}

/** The text as it is to stand in a page. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
