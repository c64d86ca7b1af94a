import { expect, test } from 'vitest';
import { leaksIn } from '../../tools/secrets.ts';

// Put together here, so that no report of a failure prints a whole one.
const canary = (kind: string) => `canary-${kind}-Abc_123-x`;
const token = (kind: string) => `${kind}_YWxpY2U_abcdefGHIJ`;

test.each([
  ['a password', `POST /login {"password":"${canary('pw')}"}`, 'POST /login {"password":"canary-pw-***"}'],
  ['an access token', `Bearer ${canary('at')}`, 'Bearer canary-at-***'],
  ['a refresh token', `?refresh_token=${canary('rt')}&x=1`, '?refresh_token=canary-rt-***&x=1'],
  ['an access token of Synapse', `Bearer ${token('syt')}.`, 'Bearer syt_***.'],
  ['a refresh token of Synapse', `Bearer ${token('syr')}.`, 'Bearer syr_***.'],
  ['a login token of Synapse', `/login ${token('syl')}`, '/login syl_***'],
  ['a token of matrix-authentication-service', `got ${token('mar')}`, 'got mar_***'],
  ['a personal token of it', `got ${token('mpt')}`, 'got mpt_***'],
  ['a JWT', `got ${['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJib3QifQ', 'c2lnbmF0dXJl'].join('.')}.`, 'got eyJ***'],
  ['two at once', `${canary('at')} ${token('syr')}`, 'canary-at-*** syr_***'],
  ['one in colours', `\u001B[31mcanary-\u001B[1mat-\u001B[0mAbc123`, 'canary-at-***'],
])('finds %s, and shows its line without it', (_, line, text) => {
  expect(leaksIn(`all is well\n${line}\nall is well\n`)).toEqual([{ line: 2, text }]);
});

test('shows only the neighbourhood of a secret in a long line', () => {
  const [leak] = leaksIn(`${'x'.repeat(5_000)}${canary('at')}${'y'.repeat(5_000)}`);
  expect(leak?.text).toContain('xcanary-at-***');
  expect(leak?.text.length).toBeLessThanOrEqual(200);
});

test.each([
  'canary-at-***',
  'canary-at-',
  'canary-id-Abc_123',
  'syt_',
  'fingerprint 3fa9c1d2',
  'analyst_notes_of_today',
  'format_mat_table',
  'Bearer with a word',
])('takes %s for no secret', (line) => {
  expect(leaksIn(line)).toEqual([]);
});
