import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an office answers: what was asked for, or why it cannot be had. */
export type Given<T> = { readonly given: T } | { readonly unavailable: string };

export interface Office {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens a place where the test files of a run, each in a process of its own, get what one process has for all of them.
 * `GET /name` is answered with what the function of that name gives.
 */
export async function openOffice(
  services: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Office> {
  const server = createServer((request, response) => {
    const service = services[request.url?.slice(1) ?? ''];
    Promise.resolve(service?.())
      .then((given) => ({ given }))
      .catch((error: unknown) => ({ unavailable: error instanceof Error ? error.message : String(error) }))
      .then((answer) => response.end(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Asks the office of this run. */
export async function askOffice<T>(url: string, name: string): Promise<Given<T>> {
  return (await (await fetch(`${url}/${name}`)).json()) as Given<T>;
}
