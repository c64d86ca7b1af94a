import { statSync } from 'node:fs';
import { bare, bareToken, unquoted } from '../../ports/as-typed.ts';
import type { Finding } from './finding.ts';
import type { Environment, SetUp } from './set-up.ts';
import { sortOf } from './token-sort.ts';

const tokens = ['ACCESS_TOKEN', 'MATRIX_REFRESH_TOKEN'];
const names = [...tokens, 'HOMESERVER_URL', 'MATRIX_USERNAME', 'MATRIX_PASSWORD', 'MATRIX_DEVICE_ID'];
const files = ['ACCESS_TOKEN_FILE', 'MATRIX_REFRESH_TOKEN_FILE', 'MATRIX_PASSWORD_FILE'];

/** What is odd in the environment, whether or not it does harm. */
export function environmentFindings(env: Environment, { credentials: { accessToken } }: SetUp): Finding[] {
  const sort = accessToken && sortOf(accessToken);
  return [
    ...names.flatMap((name) => typedOddly(name, env[name] ?? '')),
    ...files.flatMap((name) => readableByOthers(name, bare(env[name] ?? ''))),
    ...(sort === undefined || sort.use === 'access'
      ? []
      : [
          {
            level: 'attention',
            code: 'token-of-another-kind',
            says: `What is in ACCESS_TOKEN is ${sort.name}, by its first letters.`,
            toDo: 'Put the value of "access_token" there; the refresh token belongs into MATRIX_REFRESH_TOKEN.',
          } as const,
        ]),
    ...(env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? [unchecked] : []),
  ];
}

const unchecked: Finding = {
  level: 'attention',
  code: 'certificates-unchecked',
  says: 'NODE_TLS_REJECT_UNAUTHORIZED is 0: Node trusts every certificate, so that whoever answers gets the token.',
  toDo: 'Remove it, and name the authority in NODE_EXTRA_CA_CERTS=/path/to/ca.pem.',
};

function typedOddly(name: string, value: string): Finding[] {
  const isToken = tokens.includes(name);
  const isPassword = name === 'MATRIX_PASSWORD';
  const trimmed = isPassword ? value : value.trim();
  const odd = [
    ...(isToken && bareToken(value) !== bare(value) ? ['the word "Bearer" before it'] : []),
    ...(unquoted(trimmed) === trimmed ? [] : ['quotation marks around it']),
    ...(trimmed === value || trimmed === '' ? [] : ['blanks or a line end around it']),
  ];
  if (odd.length === 0) return [];
  return [
    {
      level: 'note',
      code: 'typed-oddly',
      says: `${name} has ${odd.join(' and ')}. That is left out here; other programs may not do so.`,
    },
  ];
}

/** What an orchestrator mounts for its container alone has such modes. */
const MOUNTED = /^\/(var\/)?run\/secrets\//;

function readableByOthers(name: string, path: string): Finding[] {
  if (path === '' || process.platform === 'win32' || MOUNTED.test(path)) return [];
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o004) === 0) return [];
  return [
    {
      level: 'note',
      code: 'secret-file-open',
      says: `Every user of this computer can read the file that ${name} names. Run: chmod 600, with its path.`,
    },
  ];
}
