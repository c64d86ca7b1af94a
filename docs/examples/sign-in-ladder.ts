import { accessToken, ask, createMatrixAuth, password } from 'matrix-auth-machine';

export const auth = createMatrixAuth({
  credentials: [
    accessToken({ token: process.env['ACCESS_TOKEN'] ?? '' }),
    password({ username: 'bot', password: { file: process.env['MATRIX_PASSWORD_FILE'] ?? '' } }),
    // Last of all: tell the person on call, and wait until they have answered.
    ask(async ({ signal }) => password({ username: 'bot', password: await passwordFromOperator(signal) })),
  ],
});
auth.on('authorization', ({ message }) => console.warn(message));
await auth.start();

async function passwordFromOperator(signal: AbortSignal): Promise<string> {
  const response = await fetch(process.env['OPERATOR_URL'] ?? '', { signal });
  return response.text();
}
