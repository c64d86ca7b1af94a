// The real Mermaid, in a real browser: it parses and draws all that this package writes for it.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { type AnyStateMachine, createMachine } from 'xstate';
import { expect, test } from 'vitest';
import { authMachine } from '../../../src/machines/index.ts';
import { toMermaid } from '../../../src/statechart/index.ts';
import { describeInChromium, type InChromium } from '../../browser/suite.ts';
import { rounds } from '../../support/long.ts';
import { anyMachine } from '../any-machine.ts';
import { readMermaid } from './read-mermaid.ts';

const golden = join(import.meta.dirname, 'drawn');
const script = createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js');

/** What of Mermaid is used here, in the page. */
interface Mermaid {
  initialize(options: { readonly startOnLoad: boolean; readonly suppressErrorRendering: boolean }): void;
  parse(text: string): Promise<unknown>;
  render(id: string, text: string): Promise<{ readonly svg: string }>;
}

/** What is seen of the drawing. Mermaid's options are its defaults, as on GitHub. */
interface Drawing {
  readonly words: string;
  readonly arrows: number;
}

async function mermaidIn({ tab }: InChromium): Promise<Page> {
  const { page } = await tab();
  await page.addScriptTag({ path: script });
  await page.evaluate(() => {
    const { mermaid } = globalThis as unknown as { mermaid: Mermaid };
    mermaid.initialize({ startOnLoad: false, suppressErrorRendering: true });
  });
  return page;
}

/** @throws if Mermaid does not take the text, or cannot draw it */
function draw(page: Page, text: string): Promise<Drawing> {
  return page.evaluate(async (source) => {
    const { mermaid, document } = globalThis as unknown as { mermaid: Mermaid; document: Document };
    await mermaid.parse(source);
    const { svg } = await mermaid.render('drawing', source);
    const place = document.createElement('div');
    place.innerHTML = svg;
    for (const style of place.querySelectorAll('style')) style.remove();
    return {
      words: (place.textContent ?? '').replace(/\s+/g, ' '),
      arrows: place.querySelectorAll('path.transition:not(.note-edge)').length,
    };
  }, text);
}

/** One line each: `[*] --> a`, `a --> b : label`, `z --> [*]`. */
const arrowsIn = (text: string) => text.split('\n').filter((line) => line.includes(' --> ')).length;

describeInChromium('Mermaid draws', (chromium) => {
  test('every golden file, with every arrow of it', async () => {
    const page = await mermaidIn(chromium);
    for (const name of readdirSync(golden).filter((each) => each.endsWith('.mmd'))) {
      const text = readFileSync(join(golden, name), 'utf8');
      const { arrows } = await draw(page, text);
      expect(arrows, name).toBe(arrowsIn(text));
    }
  });

  test('our machine, whole and at each depth', async () => {
    const page = await mermaidIn(chromium);
    for (const depth of [1, 2, 3, undefined]) {
      const text = toMermaid(authMachine, depth === undefined ? {} : { depth });
      const { words, arrows } = await draw(page, text);
      expect(arrows).toBe(arrowsIn(text));
      for (const name of [
        'restoring',
        'valid',
        'refreshing',
        'reconnecting',
        'locked',
        'failed',
        'stopped',
      ]) {
        expect(words).toContain(name);
      }
    }
  });

  test('the words of a machine as they are, whatever they mean to Mermaid or to Markdown', async () => {
    const words = [
      ...[
        '1. one',
        '- two',
        '+ three',
        '> four',
        'foo_bar_baz',
        '_five_',
        '__six__',
        '*seven*',
        '`eight`',
        '$x$',
      ],
      ...[
        '<b>nine</b>',
        '&amp;',
        'a #59; b',
        '%%{init}%%',
        'C:\\new',
        ':::x',
        '[a](b)',
        '~~c~~',
        '---',
        '|',
        '状態',
      ],
      ...['"d"', "it's", '[*]', 'end note', '<<fork>>', '{', '}', 'حالة', '🤖'],
    ];
    const machine = createMachine({
      id: 'm',
      initial: 'first',
      states: {
        first: { on: { NEXT: 'second' } },
        second: {
          invoke: words.map((word) => ({ src: word, id: word })),
          on: Object.fromEntries(words.map((word) => [word, { target: 'first', guard: word }])),
        },
        ...Object.fromEntries(words.map((word) => [word.replaceAll('.', ''), {}])),
      },
      on: Object.fromEntries(words.map((word) => [`on ${word}`, '.first'])),
    });
    const drawing = await draw(await mermaidIn(chromium), toMermaid(machine));
    for (const word of words) {
      expect(drawing.words).toContain(word.replaceAll('.', ''));
      expect(drawing.words).toContain(`do / ${word}`);
      expect(drawing.words).toContain(`${word} [${word}]`);
      expect(drawing.words).toContain(`on ${word} → first`);
    }
  });

  const isDrawn = async (page: Page, machine: AnyStateMachine) => {
    const text = toMermaid(machine);
    const { arrows } = await draw(page, text);
    expect(arrows).toBe(arrowsIn(text));
    expect(readMermaid(text).states.size).toBeGreaterThan(0);
  };

  test('any machine', async () => {
    const page = await mermaidIn(chromium);
    await fc.assert(
      fc.asyncProperty(anyMachine(), (machine) => isDrawn(page, machine)),
      { numRuns: rounds({ short: 15, long: 200 }) },
    );
  });

  test('a machine of hundreds of arrows', { timeout: 180_000 }, async () => {
    const page = await mermaidIn(chromium);
    const large = anyMachine({ maxStates: 60, minArrows: 500, maxArrows: 500 });
    await fc.assert(
      fc.asyncProperty(large, (machine) => isDrawn(page, machine)),
      { numRuns: rounds({ short: 1, long: 5 }), endOnFailure: true },
    );
  });
});
