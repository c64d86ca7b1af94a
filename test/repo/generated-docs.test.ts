import { describe, expect, test } from 'vitest';
import { filled, generatedDocs } from '../../tools/docs/generated.ts';

test('what the docs have from the code is up to date', async () => {
  const files = await generatedDocs();
  expect(files.length).toBeGreaterThan(2);
  const stale = files.filter(({ content, current }) => content !== current).map(({ path }) => path);
  expect(stale, 'run "npm run docs" and commit the result').toEqual([]);
});

describe('the generated parts of a page', () => {
  const page = (name: string, inside = '') =>
    `# Title\n\n<!-- generated:${name} -->\n${inside}<!-- /generated:${name} -->\n\nThe end.\n`;

  test('take the place of what is between their markers, and of nothing else', () => {
    const fresh = filled('page.md', page('failures'));
    expect(fresh).toMatch(/^# Title\n\n<!-- generated:failures -->\n\| Reason/);
    expect(fresh).toMatch(/<!-- \/generated:failures -->\n\nThe end\.\n$/);
    expect(filled('page.md', page('failures', 'stale\n'))).toBe(fresh);
    expect(filled('page.md', fresh)).toBe(fresh);
  });

  test('leave a page without markers as it is', () => {
    expect(filled('page.md', '# Title\n')).toBe('# Title\n');
  });

  test('are named if nothing generates them, or if they are not closed', () => {
    expect(() => filled('page.md', page('weather'))).toThrow('page.md asks for "generated:weather"');
    expect(() => filled('page.md', '<!-- generated:failures -->\n')).toThrow('has no partner');
    expect(() => filled('page.md', '<!-- example:nothing -->\n<!-- /example:nothing -->')).toThrow(
      'there is no docs/examples/nothing.ts',
    );
  });

  test.each(['rejections', 'schedule', 'failures', 'states', 'events', 'services'])(
    'the table %s has no empty cell for a meaning',
    (name) => {
      const rows = filled('page.md', page(name))
        .split('\n')
        .filter((line) => line.startsWith('| '));
      expect(rows.length).toBeGreaterThan(3);
      const columns = (rows[0] ?? '').split(/(?<!\\)\|/).length;
      for (const row of rows) expect(row.split(/(?<!\\)\|/)).toHaveLength(columns);
    },
  );

  test('the defaults are those that are said in the code', () => {
    const schedule = filled('page.md', page('schedule'));
    expect(schedule).toContain('| `refreshAfter` | 2/3 |');
    expect(schedule).toContain('| `backoffMaxMs` | 60,000 ms |');
    expect(schedule).not.toMatch(/Default \d/);
  });
});
