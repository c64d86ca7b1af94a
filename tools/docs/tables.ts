import {
  advice,
  defaultSchedule,
  type RejectionRow,
  rejections,
  type Schedule,
} from '../../src/machines/index.ts';
import { doctorCodes } from '../../src/cli/doctor/finding.ts';
import { authMachine } from '../../src/machines/index.ts';
import { type DiagramState, toJson } from '../../src/statechart/diagram/diagram.ts';
import { docstringsIn } from './docstrings.ts';

/** A table in Markdown. What would end a cell or a line is made harmless. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function rejectionsTable(): string {
  return table(
    ['Refusal', 'Endpoint', 'Answer', 'Means', 'Why'],
    rejections.map((row) => [row.name, endpoints(row), answer(row), `\`${row.meaning}\``, row.because]),
  );
}

function endpoints({ when: { endpoint } }: RejectionRow): string {
  if (endpoint === undefined) return 'any';
  return [endpoint].flat().join(', ');
}

function answer({ when }: RejectionRow): string {
  const { status, statusFrom, errcode, flows, trouble } = when;
  const words = [
    ...(trouble ? ['none that can be read'] : []),
    ...(statusFrom === undefined ? [] : [`${statusFrom} or higher`]),
    ...(status === undefined ? [] : [[status].flat().join(' or ')]),
    ...(errcode === undefined
      ? []
      : [errcode === null ? 'without an error code' : alternatives([errcode].flat())]),
    ...(flows ? ['with `flows`'] : []),
  ];
  return words.length === 0 ? 'anything' : words.join(', ');
}

const alternatives = (codes: readonly string[]) => codes.map((code) => `\`${code}\``).join(' or ');

export function doctorTable(): string {
  return table(
    ['Code', 'What it means'],
    Object.entries(doctorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
}

export function failuresTable(): string {
  return table(
    ['Reason', 'What happened, and what to do'],
    Object.entries(advice).map(([reason, sentence]) => [`\`${reason}\``, sentence]),
  );
}

export function scheduleTable(): string {
  const options = docstringsIn(
    'src/machines/auth/schedule.ts',
    'export interface Schedule',
    '\n}',
    /^\s*readonly (\w+):/,
  );
  return table(
    ['Option of `schedule`', 'Default', 'Meaning'],
    options.map(({ name, text }) => [
      `\`${name}\``,
      defaultOf(name as keyof Schedule),
      text.replace(/\s*Default [^ ]+?\.(?=\s|$)/, ''),
    ]),
  );
}

export function botSdkOptionsTable(): string {
  const options = docstringsIn(
    'src/adapters/matrix-bot-sdk/matrix-bot-sdk.ts',
    'export interface MatrixBotSdkOptions',
    '\n}',
    /^\s*readonly (\w+)\??:/,
  );
  return table(
    ['Option of `matrixBotSdk`', 'Meaning'],
    options.map(({ name, text }) => [`\`${name}\``, text]),
  );
}

function defaultOf(name: keyof Schedule): string {
  const value = defaultSchedule[name];
  if (name.endsWith('Ms')) return `${value.toLocaleString('en')} ms`;
  return value === 2 / 3 ? '2/3' : String(value);
}

export function statesTable(): string {
  const rows = (state: DiagramState, path: readonly string[]): string[][] => {
    const here = [...path, state.name];
    return [
      [
        `\`${here.join('.')}\``,
        [...state.tags].map((tag) => `\`${tag}\``).join(' '),
        state.invokes.map((service) => `\`${service}\``).join(' '),
        state.description ?? '',
      ],
      ...state.states.flatMap((child) => rows(child, here)),
    ];
  };
  return table(
    ['State', 'Tags', 'Runs', 'What it is'],
    // Where it only decides, there is nothing to tell.
    toJson(authMachine)
      .root.states.flatMap((state) => rows(state, []))
      .filter(([, ...cells]) => cells.some((cell) => cell !== '')),
  );
}

export function eventsTable(): string {
  return table(
    ['Event', 'What it says'],
    docstringsIn('src/machines/auth/events.ts', 'export type AuthEvent', ';\n\n', /type: '([^']+)'/).map(
      ({ name, text, code }) => [
        `\`${name}\`${fieldsOf(code)}`,
        text === '' ? 'Stop for good: the machine ends.' : text,
      ],
    ),
  );
}

/** What an event carries: ` with \`generation\`, \`rejection\``. */
function fieldsOf(code: string): string {
  const fields = [...code.matchAll(/readonly (\w+)\??:/g)]
    .map(([, field]) => field)
    .filter((field) => field !== 'type');
  return fields.length === 0 ? '' : ` with ${fields.map((field) => `\`${field}\``).join(', ')}`;
}

export function servicesTable(): string {
  return table(
    ['Service', 'What it is asked for'],
    docstringsIn(
      'src/machines/auth/services.ts',
      'export const services',
      '\n};',
      /^\s*(\w+): fromPromise/,
    ).map(({ name, text }) => [`\`${name}\``, text]),
  );
}
