import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { adviceFor, sessionTroubleCodes } from '../../../src/auth/voice/codes.ts';

it('each code is a section of the documentation, and each section is a code', async () => {
  const page = await readFile(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const sections = [...page.matchAll(/^### (.+)$/gm)].map(([, name]) => name);
  expect(new Set(sections)).toEqual(new Set(sessionTroubleCodes));
  expect(sections).toHaveLength(sessionTroubleCodes.length);
});

it.each(sessionTroubleCodes)('%s: its advice leads to its section', (code) => {
  expect(adviceFor(code)).toMatch(new RegExp(`[.!?] See docs/troubleshooting\\.md#${code}\\.$`));
});
