import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { adviceFor, seeSection, sessionTroubleCodes } from '../../../src/auth/voice/codes.ts';
import { advice } from '../../../src/machines/auth/failures.ts';
import { warnings } from '../../../src/machines/auth/warnings.ts';

const codes = new Set([...sessionTroubleCodes, ...Object.keys(warnings), ...Object.keys(advice)]);

it('each code is a section of the documentation, and each section is a code', async () => {
  const page = await readFile(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const sections = [...page.matchAll(/^### (.+)$/gm)].map(([, name]) => name);
  expect(new Set(sections)).toEqual(codes);
  expect(sections).toHaveLength(codes.size);
});

it.each(sessionTroubleCodes)('%s: its advice leads to its section', (code) => {
  expect(adviceFor(code)).toMatch(new RegExp(`[.!?] ${seeSection(code)}$`));
});
