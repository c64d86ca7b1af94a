/** How long a line may be. */
const WIDTH = 100;

/** Plain data as source, formatted: on one line where it fits. `indent` is that of the line it begins on. */
export function literal(value: unknown, indent = ''): string {
  const flat = inOneLine(value);
  if (indent.length + flat.length <= WIDTH || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => `${inner}${literal(item, inner)},\n`).join('')}${indent}]`;
  }
  const members = Object.entries(value).map(
    ([key, item]) => `${inner}${keyOf(key)}: ${literal(item, inner)},\n`,
  );
  return `{\n${members.join('')}${indent}}`;
}

function inOneLine(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, item]) => `${keyOf(key)}: ${inOneLine(item)}`);
    return `{ ${members.join(', ')} }`;
  }
  return typeof value === 'number' ? String(value).replace(/\B(?=(\d{3})+$)/g, '_') : String(value);
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
}
