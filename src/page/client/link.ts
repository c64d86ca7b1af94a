import type { Messages } from '../protocol.ts';

export type LinkState = 'live' | 'lost' | 'crowded';

export interface Handlers {
  readonly on: { readonly [Name in keyof Messages]?: (data: Messages[Name]) => void };
  readonly state: (state: LinkState) => void;
}

/**
 * Follows the server's events, and comes back by itself after whatever breaks the connection. A hidden tab gives its
 * connection back, since a browser has only six for one address, and looks in now and then instead.
 */
export function link() {
  const SILENCE_MS = 40_000;
  const HIDDEN_GRACE_MS = 5_000;
  const HIDDEN_PAUSE_MS = 20_000;
  const CROWDED_PAUSE_MS = 10_000;

  /** Reads events until the stream ends, breaks, or has been silent for too long. */
  async function read(response: Response, handlers: Handlers, silence: () => void): Promise<void> {
    if (response.body === null) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      silence();
      const parts = (text + value).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) dispatch(part, handlers);
    }
  }

  function dispatch(part: string, handlers: Handlers): void {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(part) ?? [];
    if (name === undefined || data === undefined) return;
    handlers.state('live');
    const handler = handlers.on[name as keyof Messages] as ((data: unknown) => void) | undefined;
    handler?.(JSON.parse(data));
  }

  /** Waits, but not longer than until the tab is looked at again. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        document.removeEventListener('visibilitychange', seen);
        resolve();
      };
      const seen = () => {
        if (!document.hidden) end();
      };
      const timer = setTimeout(end, ms);
      document.addEventListener('visibilitychange', seen);
    });
  }

  /** One connection, from its beginning to its end; says how it ended. */
  async function round(
    address: string,
    hidden: boolean,
    handlers: Handlers,
  ): Promise<'ended' | 'left' | 'crowded' | 'gone' | 'failed'> {
    const abort = new AbortController();
    let left = false;
    let leaving: ReturnType<typeof setTimeout> | undefined;
    let silence = setTimeout(() => abort.abort(), SILENCE_MS);
    const leave = () => {
      left = true;
      abort.abort();
    };
    const look = () => {
      clearTimeout(leaving);
      if (document.hidden) leaving = setTimeout(leave, HIDDEN_GRACE_MS);
    };
    document.addEventListener('visibilitychange', look);
    try {
      const url = hidden ? `${address}${address.includes('?') ? '&' : '?'}once=1` : address;
      const response = await fetch(url, { signal: abort.signal, cache: 'no-store' });
      if (response.status === 401 || response.status === 404) return 'gone';
      if (response.status === 503) return 'crowded';
      if (!response.ok) return 'failed';
      await read(response, handlers, () => {
        clearTimeout(silence);
        silence = setTimeout(() => abort.abort(), SILENCE_MS);
      });
      return 'ended';
    } catch {
      return left ? 'left' : 'failed';
    } finally {
      clearTimeout(silence);
      clearTimeout(leaving);
      document.removeEventListener('visibilitychange', look);
    }
  }

  async function follow(address: string, handlers: Handlers): Promise<never> {
    let failures = 0;
    for (;;) {
      const hidden = document.hidden;
      const end = await round(address, hidden, handlers);
      if (end === 'gone') location.reload();
      if (end === 'crowded') handlers.state('crowded');
      if (end === 'failed' || (end === 'ended' && !hidden)) handlers.state('lost');
      failures = end === 'failed' ? failures + 1 : 1;
      if (hidden || end === 'left') await pause(HIDDEN_PAUSE_MS);
      else
        await pause(end === 'crowded' || end === 'gone' ? CROWDED_PAUSE_MS : Math.min(3_000, 250 * failures));
    }
  }

  return { follow };
}

export type Link = ReturnType<typeof link>;
