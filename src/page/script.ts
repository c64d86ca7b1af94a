import { bot } from './client/bot.ts';
import { diagram } from './client/diagram.ts';
import { dom } from './client/dom.ts';
import { fleet } from './client/fleet.ts';
import { link } from './client/link.ts';
import { main } from './client/main.ts';
import { missing } from './client/missing.ts';
import { signIn } from './client/sign-in.ts';
import { time } from './client/time.ts';
import { timeline } from './client/timeline.ts';

/**
 * The page's scripts are the source texts of the functions in `client/`. Each uses nothing but its parameters and what
 * a browser has, so that this holds in whatever way the package was compiled or bundled; no file is read.
 */
export const pageScript = assemble(
  `
const parts = dom();
const clock = time();
const view = document.body.dataset.view === 'fleet'
  ? fleet(parts, clock)
  : bot(parts, clock, diagram(), timeline(parts, clock));
main(parts, clock, link(), view);
`,
  { dom, time, link, diagram, timeline, bot, fleet, main },
);

export const signInScript = assemble('signIn();', { signIn });

export const missingScript = assemble('missing();', { missing });

function assemble(start: string, functions: Readonly<Record<string, unknown>>): string {
  const sources = Object.entries(functions).map(([name, source]) => `const ${name} = ${String(source)};`);
  // Bundlers that keep functions' names wrap them in a helper of this name.
  const helper = 'const __name = (value) => value;';
  return `'use strict';\n(() => {\n${[helper, ...sources].join('\n')}\n${start}\n})();\n`;
}
