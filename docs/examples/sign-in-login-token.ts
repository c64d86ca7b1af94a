import { createMatrixAuth, loginToken } from 'matrix-auth-machine';

export const auth = createMatrixAuth({
  credentials: loginToken({ token: process.env['LOGIN_TOKEN'] ?? '' }),
});
await auth.start();
