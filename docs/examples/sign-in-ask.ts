import { createInterface } from 'node:readline/promises';
import { ask, createMatrixAuth, password } from 'matrix-auth-machine';

const terminal = createInterface({ input: process.stdin, output: process.stdout });

export const auth = createMatrixAuth({
  credentials: ask(async ({ homeserver, refused, signal }) => {
    if (refused !== undefined) console.log(refused);
    const username = await terminal.question(`User name at ${homeserver}: `, { signal });
    return password({ username, password: await terminal.question('Password: ', { signal }) });
  }),
});
await auth.start();
terminal.close();
