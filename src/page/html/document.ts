import { escapeHtml } from './escape.ts';

export interface Document {
  readonly title: string;
  /** Attributes of the body, besides those that all have. */
  readonly body?: Readonly<Record<string, string>>;
  readonly head?: string;
  readonly script?: string;
  readonly content: string;
}

const icon =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><circle cx='16' cy='16' r='12' fill='%238a94a6'/></svg>";

export function htmlOf({ title, body = {}, head = '', script, content }: Document): string {
  const attributes = Object.entries(body).map(([name, value]) => ` ${name}="${escapeHtml(value)}"`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escapeHtml(title)}</title>`,
    `<link id="icon" rel="icon" href="${icon}">`,
    '<link rel="stylesheet" href="/page.css">',
    script === undefined ? '' : `<script src="${script}" defer></script>`,
    head,
    '</head>',
    `<body${attributes.join('')}>`,
    content,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
