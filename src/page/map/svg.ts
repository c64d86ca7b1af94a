import { authMachine } from '../../machines/index.ts';
import { statesOf } from '../../statechart/structure.ts';
import {
  type Box,
  type Edge,
  heightOf,
  type Layout,
  PADDING,
  STEP_GAP,
  STEP_HEIGHT,
  TITLE_HEIGHT,
} from './layout.ts';

const nodes = statesOf(authMachine);

/** The id that XState has for a state: `auth.refreshing.renewal.exchanging` for `exchanging` in `refreshing`. */
function idOf(state: string, step?: string): string {
  const node = nodes.find(({ id, key, path }) =>
    step === undefined ? id === `auth.${state}` : path[0] === state && key === step,
  );
  if (node === undefined) {
    throw new Error(
      `The machine has no state ${step === undefined ? state : `${step} in ${state}`}, but its picture does.`,
    );
  }
  return node.id;
}

/**
 * The machine's picture. Each state has its id (`state:auth.valid`) and `data-state`, an inner one also `data-step`,
 * and each way between two states `data-edge`, by which the page lights them. It says nothing to a screen reader but
 * its label: the same is on the page in words.
 */
export function svgOf(layout: Layout): string {
  const { prefix, className, width, height, boxes, edges } = layout;
  const arrow = `${prefix}arrow`;
  return [
    `<svg class="${className}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The states of the session">`,
    `<defs><marker id="${arrow}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M1 1 7 4 1 7Z"/></marker></defs>`,
    ...edges.map((edge) => edgeOf(edge, arrow)),
    ...boxes.map((box) => boxOf(box, prefix)),
    '</svg>',
  ].join('');
}

function edgeOf({ from, to, path, main }: Edge, arrow: string): string {
  const kind = main === true ? 'edge main' : 'edge';
  return `<path class="${kind}" data-edge="${from}>${to}" d="${path}" marker-end="url(#${arrow})"/>`;
}

function boxOf(box: Box, prefix: string): string {
  const { state, x, y, width, rows } = box;
  const titleY = rows.length === 0 ? y + heightOf(box) / 2 : y + TITLE_HEIGHT / 2 + 1;
  return [
    `<g class="state" id="${prefix}${idOf(state)}" data-state="${state}">`,
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${heightOf(box)}" rx="11"/>`,
    `<text class="title" x="${x + width / 2}" y="${titleY}">${state}</text>`,
    ...rows.flatMap((row, index) => stepsOf(box, row, index, prefix)),
    '</g>',
  ].join('');
}

function stepsOf(
  { state, x, y, width }: Box,
  row: readonly string[],
  index: number,
  prefix: string,
): string[] {
  const stepWidth = (width - 2 * PADDING - (row.length - 1) * STEP_GAP) / row.length;
  const top = y + TITLE_HEIGHT + index * (STEP_HEIGHT + STEP_GAP);
  return row.map((step, column) => {
    const left = x + PADDING + column * (stepWidth + STEP_GAP);
    return [
      `<g class="step" id="${prefix}${idOf(state, step)}" data-state="${state}" data-step="${step}">`,
      `<rect x="${left}" y="${top}" width="${stepWidth}" height="${STEP_HEIGHT}" rx="6"/>`,
      `<text x="${left + stepWidth / 2}" y="${top + STEP_HEIGHT / 2 + 0.5}">${step}</text>`,
      '</g>',
    ].join('');
  });
}
