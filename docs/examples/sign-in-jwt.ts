import { createHmac } from 'node:crypto';
import { createMatrixAuth, jwt } from 'matrix-auth-machine';

/** Good for a minute: each sign-in gets a new one. */
function mint() {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'bot', exp: Math.floor(Date.now() / 1000) + 60 };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  const signature = createHmac('sha256', process.env['JWT_SECRET'] ?? '')
    .update(signed)
    .digest('base64url');
  return `${signed}.${signature}`;
}

export const auth = createMatrixAuth({ credentials: jwt({ token: mint, username: 'bot' }) });
await auth.start();
