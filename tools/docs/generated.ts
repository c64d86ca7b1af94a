import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { type Project, projectFiles } from '../../src/cli/init/project.ts';
import { authMachine } from '../../src/machines/index.ts';
import { toMermaid } from '../../src/statechart/diagram/diagram.ts';
import { toSvg } from '../../src/adapters/graphviz/index.ts';
import { root } from '../root.ts';
import {
  botSdkOptionsTable,
  doctorTable,
  eventsTable,
  failuresTable,
  rejectionsTable,
  scheduleTable,
  servicesTable,
  statesTable,
} from './tables.ts';

/** The bot that the docs show as what `init` writes. */
const project: Project = {
  name: 'echo',
  sdk: 'matrix-js-sdk',
  language: 'typescript',
  homeserverUrl: undefined,
  hasOAuth: false,
  version: packageJson.version,
};

/** What is written between `<!-- generated:NAME -->` and `<!-- /generated:NAME -->`. */
const generated: Readonly<Record<string, () => string>> = {
  'bot-sdk-options': botSdkOptionsTable,
  diagram: () => fenced('mermaid', toMermaid(authMachine, { depth: 1, guards: false })),
  doctor: doctorTable,
  events: eventsTable,
  failures: failuresTable,
  'init-bot': () => fenced('ts', projectFiles(project)['bot.ts'] ?? ''),
  'init-container': () => fenced('dockerfile', projectFiles(project)['Dockerfile'] ?? ''),
  'init-service': () => fenced('ini', projectFiles(project)['echo.service'] ?? ''),
  'init-test': () => fenced('ts', projectFiles(project)['bot.test.ts'] ?? ''),
  rejections: rejectionsTable,
  schedule: scheduleTable,
  services: servicesTable,
  states: statesTable,
};

/** A file as it should be. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
  /** As it is; `undefined` where there is none. */
  readonly current: string | undefined;
}

/**
 * Every page of the docs with its generated parts as they should be, and the machine's pictures.
 * @throws {Error} if a page asks for a part that nothing generates, or does not close one
 */
export async function generatedDocs(): Promise<GeneratedFile[]> {
  const pages = [
    'README.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  const pictures = (['light', 'dark'] as const).map(async (theme): Promise<GeneratedFile> => {
    const path = `docs/diagrams/machine-${theme}.svg`;
    return { path, content: await toSvg(authMachine, { theme }), current: contentOf(path) };
  });
  return [
    ...pages.flatMap((path): GeneratedFile[] => {
      const current = contentOf(path);
      return current === undefined ? [] : [{ path, current, content: filled(path, current) }];
    }),
    ...(await Promise.all(pictures)),
  ];
}

/** The page with everything between its markers as it should be. */
export function filled(path: string, page: string): string {
  const markers = /<!-- (generated|example):([\w-]+) -->\n(?:[\s\S]*?)<!-- \/\1:\2 -->/g;
  const content = page.replace(markers, (_, kind: string, name: string) => {
    const part = kind === 'example' ? exampleOf(path, name) : generatedPart(path, name);
    return `<!-- ${kind}:${name} -->\n${part}\n<!-- /${kind}:${name} -->`;
  });
  const open = content.replace(markers, '').match(/<!-- \/?(?:generated|example):[\w-]+ -->/);
  if (open !== null) throw new Error(`${path}: the marker ${open[0]} has no partner.`);
  return content;
}

function generatedPart(path: string, name: string): string {
  const make = generated[name];
  if (make === undefined) {
    throw new Error(
      `${path} asks for "generated:${name}", which nothing generates. There are: ${Object.keys(generated).join(', ')}.`,
    );
  }
  return make();
}

/** A file of `docs/examples`, which the tests run. */
function exampleOf(path: string, name: string): string {
  for (const [ending, language] of Object.entries({ ts: 'ts', mjs: 'js' })) {
    const source = contentOf(`docs/examples/${name}.${ending}`);
    if (source !== undefined) return fenced(language, source);
  }
  throw new Error(`${path} asks for "example:${name}", but there is no docs/examples/${name}.ts or .mjs.`);
}

function fenced(language: string, code: string): string {
  return `\`\`\`${language}\n${code.trimEnd()}\n\`\`\``;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
