import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What OAuth 2.0 takes. It is an optional peer, which `npx` leaves out. */
const PACKAGE = 'oauth4webapi';

/** Whether it is installed where this command comes from. */
export function isOAuthInstalled(): boolean {
  try {
    import.meta.resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}

/** Whether the bot has it that lives in this folder; `undefined` where none does. */
export function hasBotOAuth(folder: string): boolean | undefined {
  const has = (name: string) => existsSync(join(folder, 'node_modules', name));
  return has('matrix-auth-machine') ? has(PACKAGE) : undefined;
}

/** How the command is run, with what it takes for OAuth 2.0. */
export function commandFor(isOAuth: boolean): string {
  return isOAuth && !isOAuthInstalled()
    ? `npx -p matrix-auth-machine -p ${PACKAGE} matrix-auth-machine`
    : 'npx matrix-auth-machine';
}
