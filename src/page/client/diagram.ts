import type { Visit } from '../protocol.ts';

/** The picture of the machine: lights the state that it is in, and the way by which it came there. */
export function diagram() {
  const states = [...document.querySelectorAll<SVGGElement>('[data-state]')];
  const edges = [...document.querySelectorAll<SVGPathElement>('[data-edge]')];
  const pictures = [...document.querySelectorAll<SVGSVGElement>('svg.diagram')];

  function topOf(detail: string): string {
    return detail.split('.')[0] ?? detail;
  }

  return {
    /** Nothing is known of the state any more. */
    clear(): void {
      for (const node of states) node.classList.remove('lit', 'left');
      for (const edge of edges) edge.classList.remove('taken', 'trail');
      for (const picture of pictures) {
        picture.setAttribute('aria-label', 'The states of the session. Which one it is in is not known.');
      }
    },

    /** `visits`: the latest, oldest first. */
    show(detail: string, visits: readonly Visit[]): void {
      const [top, ...steps] = detail.split('.');
      for (const node of states) {
        const { state, step } = node.dataset;
        node.classList.toggle('lit', state === top && (step === undefined || steps.includes(step)));
      }
      const ways = visits.flatMap(({ detail: to, from }) =>
        from === undefined || topOf(from) === topOf(to) ? [] : [{ from: topOf(from), to: topOf(to) }],
      );
      const [latest, ...earlier] = ways.reverse();
      for (const edge of edges) {
        const is = (way: (typeof ways)[number] | undefined) =>
          edge.dataset['edge'] === `${way?.from}>${way?.to}`;
        edge.classList.toggle('taken', is(latest));
        edge.classList.toggle('trail', !is(latest) && earlier.slice(0, 2).some(is));
      }
      for (const node of states) {
        const { state, step } = node.dataset;
        node.classList.toggle('left', step === undefined && state === latest?.from && state !== top);
      }
      const came = latest === undefined ? '' : `; it came from ${latest.from}`;
      for (const picture of pictures) {
        const label = `The states of the session. It is in ${detail.replaceAll('.', ', ')}${came}.`;
        if (picture.getAttribute('aria-label') !== label) picture.setAttribute('aria-label', label);
      }
    },
  };
}
