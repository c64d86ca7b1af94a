export interface Import {
  /** As it is written: `./machine.ts`, `node:fs`, `xstate/graph`. */
  readonly specifier: string;
  /** `import type` and `export type`: gone once the types are stripped. */
  readonly typeOnly: boolean;
}

/** Comments and template literals become nothing, so that code quoted in them is not taken for code. */
export function withoutComments(source: string): string {
  const pieces =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^`\\])*`|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
  return source.replace(pieces, (piece) => (/^['"]/.test(piece) ? piece : ' '));
}

/** What a file imports, re-exports and loads with `import('…')`. */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const statements =
    /^[ \t]*(?:import|export)\b(\s+type\b(?!\s*,|\s+from\b))?([^'";=()]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
  const calls = /\bimport\s*\(\s*['"]([^'"]+)['"]/g;
  return [
    ...[...code.matchAll(statements)].map(([, type, , specifier]) => ({
      specifier: specifier ?? '',
      typeOnly: type !== undefined,
    })),
    ...[...code.matchAll(calls)].map(([, specifier]) => ({ specifier: specifier ?? '', typeOnly: false })),
  ];
}

/** What is left of a file without its re-exports. */
export function besidesReExports(source: string): string {
  const reExport = /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*['"][^'"]+['"]\s*;?/g;
  return withoutComments(source).replace(reExport, '').trim();
}
