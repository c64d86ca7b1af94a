import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** The environment variable with the URL of the office of this run, for its workers and all that they start. */
export const OFFICE = 'TEST_OFFICE';

/** What an office answers: what was asked for, or why it cannot be had. */
export type Given<T> = { readonly given: T } | { readonly unavailable: string };

export interface Office {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Opens a place where the test files of a run, each in a process of its own, get what one process has for all of them.
 * `POST /name` is answered with what the function of that name gives for the body.
 */
export async function openOffice(
  services: Readonly<Record<string, (question: never) => Promise<unknown>>>,
): Promise<Office> {
  const server = createServer((request, response) => {
    const service = services[request.url?.slice(1) ?? ''];
    void json(request)
      .then((question) => service?.(question as never))
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

/** Asks the office of this run, where there is one. */
export async function askOffice<T>(name: string, question: object = {}): Promise<Given<T>> {
  const url = process.env[OFFICE];
  if (url === undefined) return { unavailable: 'there is no office outside of a run of all tests' };
  const response = await fetch(`${url}/${name}`, { method: 'POST', body: JSON.stringify(question) });
  return (await response.json()) as Given<T>;
}
