import { applicationService, createMatrixAuth } from 'matrix-auth-machine';

export const auth = createMatrixAuth({
  credentials: applicationService({ token: { file: process.env['AS_TOKEN_FILE'] ?? '' }, username: 'bot' }),
});
await auth.start();
