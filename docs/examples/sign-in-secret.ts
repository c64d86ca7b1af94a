import { createMatrixAuth, password } from 'matrix-auth-machine';

export const auth = createMatrixAuth({
  credentials: password({
    username: 'bot',
    password: async ({ refused, signal }) => {
      // Your secret manager; `refused`: the last one was wrong, so do not answer from a cache.
      const response = await fetch(`${process.env['VAULT_URL']}/matrix-bot`, {
        cache: refused ? 'no-store' : 'default',
        signal,
      });
      return response.text();
    },
  }),
});
await auth.start();
