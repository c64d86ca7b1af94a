import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { Renewals } from '../../src/auth/renewals.ts';
import { SignInLadder } from '../../src/auth/sign-in-ladder.ts';
import { root } from '../../tools/root.ts';

const ladder = new SignInLadder({});

it('a session without a kind is renewed as the Matrix specification has it', async () => {
  expect(await new Renewals().of(undefined, ladder)).toMatchObject({ renewal: { kind: 'matrix' } });
});

it('a session of OAuth 2.0 is renewed although no way to sign in says how', async () => {
  const renewals = new Renewals();
  const found = await renewals.of('oauth', ladder);
  expect(found).toMatchObject({ renewal: { kind: 'oauth' } });
  expect(await renewals.of('oauth', ladder)).toEqual(found);
  expect(renewals.advice).toContain('matrix-auth-machine login');
});

/** Prints what is found of OAuth 2.0 where its library is not installed. */
const WITHOUT_LIBRARY = `
import { registerHooks } from 'node:module';
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'oauth4webapi' ? 'oauth4webapi-which-is-not-installed' : specifier, context),
});
const { Renewals } = await import('./src/auth/renewals.ts');
const { SignInLadder } = await import('./src/auth/sign-in-ladder.ts');
console.log(JSON.stringify(await new Renewals().of('oauth', new SignInLadder({}))));
`;

it('without its library that is trouble, which says what to install', async () => {
  const args = ['--input-type=module', '--eval', WITHOUT_LIBRARY];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(JSON.parse(stdout)).toMatchObject({
    missing: {
      meaning: 'transient',
      detail: { code: 'package-missing', what: expect.stringContaining('oauth4webapi') },
    },
  });
});

it('a kind that nobody knows cannot be renewed', async () => {
  expect(await new Renewals().of('carrier-pigeon', ladder)).toEqual({
    missing: { endpoint: 'refresh', status: 0, meaning: 'unsupported' },
  });
});
