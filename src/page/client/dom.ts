/** Small helpers around the document. Like each part of the page's script, it uses nothing but its parameters. */
export function dom() {
  type Child = Node | string;

  function byId(id: string): HTMLElement {
    const found = document.getElementById(id);
    if (found === null) throw new Error(`The page has no element "${id}".`);
    return found;
  }

  /** A new element: `el('p', { class: 'wide' }, 'text', …)`. */
  function el<Tag extends keyof HTMLElementTagNameMap>(
    tag: Tag,
    attributes: Readonly<Record<string, string>> = {},
    ...children: Child[]
  ): HTMLElementTagNameMap[Tag] {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  /** Writes a text only where it differs, so that nothing is laid out or read aloud again. */
  function write(element: Element, text: string): void {
    if (element.textContent !== text) element.textContent = text;
  }

  function mark(element: Element, name: string, value: string | undefined): void {
    if (value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  const icons: Readonly<Record<string, string>> = {
    live: '%2322a55b',
    serving: '%233b82f6',
    waiting: '%23e59407',
    locked: '%239b51e0',
    person: '%23e5484d',
    off: '%238a94a6',
  };

  /** The tab: a dot in the colour of the state, and the state itself. */
  function title(text: string, tone: string): void {
    if (document.title !== text) document.title = text;
    const colour = icons[tone] ?? '%238a94a6';
    const image = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><circle cx='16' cy='16' r='12' fill='${colour}'/></svg>`;
    mark(byId('icon'), 'href', image);
  }

  return { byId, el, write, mark, title };
}

export type Dom = ReturnType<typeof dom>;
