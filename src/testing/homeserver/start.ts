import { Control } from './control.ts';
import { resolveOptions, type TestHomeserverOptions } from './options.ts';
import { listen } from './server.ts';
import type { TestHomeserver } from './test-homeserver.ts';
import { World } from './world.ts';

/**
 * Starts a Matrix homeserver in memory, on 127.0.0.1. It answers the part of the client-server API that a bot meets,
 * as Synapse does; where its tokens are concerned, to the letter.
 *
 * ```ts
 * await using homeserver = await startTestHomeserver({ accessTokenLifetimeMs: 2_000 });
 * const { userId } = homeserver.createUser('bot', 'a password');
 * ```
 *
 * @throws TypeError if a name in `users` is no localpart; the system's error if the port is taken.
 */
export async function startTestHomeserver(options: TestHomeserverOptions = {}): Promise<TestHomeserver> {
  const world = new World(resolveOptions(options));
  for (const { localpart, password, ...names } of options.users ?? []) {
    world.accounts.create(localpart, password, names);
  }
  const server = await listen(world, options.port ?? 0);
  return new Control(world, server);
}
