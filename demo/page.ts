import { styleText } from 'node:util';
import { observe } from '../src/observe/index.ts';
import { type AuthPage, serveAuthPage } from '../src/page/index.ts';
import { type DemoOptions, UsageError } from './options.ts';
import type { Stage } from './stage.ts';

/**
 * Opens the live page and prints where it is, before anything else happens.
 * @throws {UsageError} if the port cannot be had
 */
export async function openPage(
  { port = 0 }: Pick<DemoOptions, 'port'>,
  print: (line: string) => void,
): Promise<AuthPage> {
  let page: AuthPage;
  try {
    page = await serveAuthPage([], { port });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`--port ${port} cannot be had (${code}). Give another, or leave it out.`, {
      cause: error,
    });
  }
  print(`${styleText('bold', 'Live page')}  ${page.url}`);
  return page;
}

export function showOn(page: AuthPage | undefined): Stage['show'] {
  return (name, auth) => {
    page?.add(observe(auth, { name }));
  };
}
