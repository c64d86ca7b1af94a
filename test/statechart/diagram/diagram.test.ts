import { Graphviz } from '@hpcc-js/wasm-graphviz';
import fc from 'fast-check';
import { createActor, createMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import { authMachine } from '../../../src/machines/index.ts';
import { activeStates, toDot, toJson, toMermaid } from '../../../src/statechart/diagram/diagram.ts';
import { statesOf, transitionsOf } from '../../../src/statechart/structure.ts';
import { anyMachine } from '../any-machine.ts';
import * as foreign from '../foreign.ts';
import { readMermaid } from './read-mermaid.ts';

const { awkward, band, editor, form, player, tally, workshop } = foreign;
const machines = { auth: authMachine, ...foreign };
const named = Object.entries(machines).map(([name, machine]) => ({ name, machine }));

describe('as Mermaid', () => {
  const withStates = named.filter(({ machine }) => statesOf(machine).length > 0);

  test.each(withStates)('every state and every arrow of $name is there, in its place', ({ machine }) => {
    const { states, arrows } = readMermaid(toMermaid(machine));
    // Regions need a state around them, so a machine that is only regions has a box of its own.
    expect(states.size).toBe(statesOf(machine).length + (machine.root.type === 'parallel' ? 1 : 0));
    const { transitions } = toJson(machine);
    const drawn = transitions.filter(({ targets }) => targets.length > 0);
    const lines = arrows.flatMap(({ label }) => label.split('<br/>'));
    const captions = readMermaid(toMermaid(machine)).notes.flatMap((note) => note.split('<br/>'));
    expect(lines.length + captions.length).toBeGreaterThanOrEqual(
      new Set(drawn.map(({ source, targets, event, guard }) => [source, targets, event, guard].join())).size,
    );
  });

  test('states are nested, regions divided, and each begins somewhere', () => {
    const { states, begins, divisions, descriptions } = readMermaid(toMermaid(authMachine));
    expect(states.get('auth_refreshing_renewal_exchanging')).toBe('auth_refreshing_renewal');
    expect(states.get('auth_refreshing_renewal')).toBe('auth_refreshing');
    expect(divisions).toBe(1);
    expect(begins).toContain('auth_restoring');
    expect(begins).toContain('auth_refreshing_service_ahead');
    expect(descriptions).toContain('do / exchange');
  });

  test('labels are short, and tell what matters', () => {
    const { arrows, notes } = readMermaid(toMermaid(authMachine));
    const label = (from: string, to: string) =>
      arrows.find((arrow) => arrow.from === `auth_${from}` && arrow.to === `auth_${to}`)?.label;
    expect(label('refreshing_renewal_exchanging', 'reconnecting')).toBe('done [renewed]');
    expect(label('refreshing_renewal_loggingIn', 'refreshing_renewal_backingOff')).toBe('done<br/>error');
    expect(label('valid_scheduled', 'refreshing')).toBe('after renewalDue');
    expect(label('valid_deciding', 'valid_resting')).toBe('otherwise');
    expect(label('refreshing_renewal_deciding', 'refreshing_renewal_loggingIn')).toBe('[canLogIn]');
    expect(label('reconnecting_deciding', 'refreshing')).toBe('[tokenExpired] → required');
    expect(notes).toContain(
      'from any state<br/>stop → stopped<br/>logged.out → failed<br/>session.adopted [newerSession] → reconnecting',
    );
    expect(notes).toContain('retry → asking');
  });

  test('can be folded to an overview', () => {
    const { states, arrows, begins, notes } = readMermaid(
      toMermaid(authMachine, { depth: 1, guards: false }),
    );
    expect([...states.keys()]).toEqual(
      ['restoring', 'valid', 'refreshing', 'reconnecting', 'locked', 'failed', 'stopped'].map(
        (state) => `auth_${state}`,
      ),
    );
    expect(begins).toEqual(['auth_restoring']);
    expect(arrows).toContainEqual({ from: 'auth_reconnecting', to: 'auth_valid', label: 'connect done' });
    expect(arrows.filter(({ from, to }) => from === to)).toEqual([]);
    expect(notes).toEqual([
      'from any state<br/>stop → stopped<br/>logged.out → failed<br/>session.adopted → reconnecting',
    ]);
  });

  test('words that mean something to Mermaid are only words', () => {
    const { states, arrows } = readMermaid(toMermaid(awkward));
    expect([...states.keys()].slice(0, 2)).toEqual(['a_b_1_say_no_', 's_end']);
    expect(arrows.map(({ label }) => label)).toContain('half#59;way#58; 50#37;<br/>a#92;b [a condition]');
  });

  test('states whose ids are alike stay apart', () => {
    const ids = [...readMermaid(toMermaid(awkward)).states.keys()];
    expect(ids.slice(2)).toEqual(['a_b_1_on_off', 'a_b_1_on_off_2', 'a_b_1_on_off_3']);
  });

  test('a target that is folded away is not named, though another is drawn', () => {
    const { arrows } = readMermaid(toMermaid(workshop, { depth: 2 }));
    expect(arrows.filter(({ from }) => from === 'workshop_closed')[0]).toEqual({
      from: 'workshop_closed',
      to: 'workshop_making',
      label: 'OPEN<br/>FINISH<br/>FRAME',
    });
  });

  test('a history is an H, a deep one an H*, with an arrow to where it leads at first', () => {
    const text = toMermaid(editor);
    expect(text).toContain('state "H" as editor_open_text_recent');
    expect(text).toContain('state "H#42;" as editor_open_all');
    const { arrows, notes } = readMermaid(text);
    expect(arrows.filter(({ label }) => label === 'default')).toEqual([
      { from: 'editor_open_text_recent', to: 'editor_open_text_changed', label: 'default' },
      { from: 'editor_open_all', to: 's_brush', label: 'default' },
    ]);
    expect(notes).toContain('from any state<br/>RESTORE → open.H#92;#42;');
  });

  test('an arrow to a state around it is a note, since Mermaid cannot draw it', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'outer',
      states: { outer: { initial: 'inner', states: { inner: { on: { UP: '#m.outer' } } } } },
    });
    const text = toMermaid(machine);
    expect(readMermaid(text).arrows).toEqual([]);
    expect(text).toContain('note right of m_outer_inner : UP → outer');
  });

  test('a large machine has short ids, since Mermaid shows no text of more than 50,000 characters', () => {
    const keys = Array.from({ length: 500 }, (_, index) => `a state with a rather long name ${index}`);
    const machine = createMachine({
      id: 'large',
      initial: keys[0] as string,
      states: Object.fromEntries(
        keys.map((key, index) => [key, { on: { NEXT: keys[(index + 1) % 500] as string } }]),
      ),
    });
    const text = toMermaid(machine);
    expect(text.length).toBeLessThan(50_000);
    expect(readMermaid(text).arrows.slice(-1)).toEqual([{ from: 's500', to: 's1', label: 'NEXT' }]);
  });

  test('nothing is drawn of a machine without states, and nothing fails', () => {
    expect(toMermaid(tally)).toBe('stateDiagram-v2\n');
    expect(toMermaid(workshop, { depth: 0 })).toBe('stateDiagram-v2\n');
  });
});

describe('as DOT', () => {
  const ids = (svg: string) => [...svg.matchAll(/<g id="([^"]+)"/g)].map(([, id]) => id);

  test.each(named)('Graphviz draws $name, every state with its id', async ({ machine }) => {
    const graphviz = await Graphviz.load();
    for (const theme of ['light', 'dark'] as const) {
      const svg = graphviz.layout(toDot(machine, { theme }), 'svg', 'dot');
      const drawn = ids(svg).map((id) =>
        id?.replaceAll('&quot;', '"').replaceAll('&#45;', '-').replaceAll('&#160;', ' '),
      );
      expect(drawn).toEqual(expect.arrayContaining(statesOf(machine).map(({ id }) => `state:${id}`)));
      expect(new Set(drawn).size).toBe(drawn.length);
    }
  });

  test('Graphviz draws any machine, every state with its id', async () => {
    const graphviz = await Graphviz.load();
    fc.assert(
      fc.property(anyMachine(), (machine) => {
        const svg = graphviz.layout(toDot(machine), 'svg', 'dot');
        expect(svg.match(/<g id="state:/g) ?? []).toHaveLength(statesOf(machine).length);
      }),
      { numRuns: 100 },
    );
  });

  test('every arrow has an id that says from where to where', async () => {
    const graphviz = await Graphviz.load();
    const drawn = ids(graphviz.layout(toDot(authMachine), 'svg', 'dot'));
    expect(drawn).toContain('arrow:auth.reconnecting.connecting&gt;auth.valid');
  });

  test('kinds of transitions look different, and services are in their state', () => {
    const dot = toDot(form);
    expect(dot).toMatch(/class="transition after".*style="dashed"/);
    expect(dot).toContain('label="waiting\\ndo / send"');
    expect(dot).toContain('peripheries="2"');
    expect(toDot(player)).toContain('label="H"');
    expect(toDot(editor)).toContain('label="H*"');
    expect(toDot(editor)).toMatch(/"editor.open.all" -> "brush" .*label=" {2}default/);
  });

  test('a history stays one where the drawing is folded', () => {
    expect(toDot(band, { depth: 2 })).toContain('class="state history" label="H"');
  });

  test('the themes differ in their colours only', () => {
    const without = (dot: string) => dot.replace(/#[0-9a-f]{6}/g, '#');
    expect(toDot(authMachine, { theme: 'dark' })).not.toBe(toDot(authMachine));
    expect(without(toDot(authMachine, { theme: 'dark' }))).toBe(without(toDot(authMachine)));
  });

  test('it can go across the page', () => {
    expect(toDot(form, { direction: 'across' })).toContain('rankdir="LR"');
    expect(toDot(form)).toContain('rankdir="TB"');
  });
});

test('the states to light are those that the machine is in', () => {
  const actor = createActor(player).start();
  actor.send({ type: 'PLAY' });
  expect(activeStates(actor.getSnapshot())).toEqual([
    'player.playback',
    'player.playback.playing',
    'player.playback.playing.normal',
    'player.volume',
    'player.volume.normal',
  ]);
  actor.stop();
});

describe('as JSON', () => {
  test.each(named)('$name is plain data that can be written and read', ({ machine }) => {
    const diagram = toJson(machine);
    expect(JSON.parse(JSON.stringify(diagram))).toStrictEqual(diagram);
    expect(diagram.transitions).toHaveLength(transitionsOf(machine).length);
  });

  test('it has what was said of a state and of a transition', () => {
    const { root, transitions } = toJson(form);
    expect(root).toMatchObject({ id: 'form', type: 'compound', initial: 'form.editing' });
    expect(root.states[0]).toMatchObject({ id: 'form.editing', type: 'atomic', tags: ['open'] });
    expect(root.states[0]?.description).toContain('The "user" types');
    expect(root.states[1]?.states[0]).toMatchObject({ invokes: ['send'] });
    expect(transitions[0]).toEqual({
      id: 'form CANCEL 0',
      kind: 'event',
      source: 'form',
      targets: ['form.cancelled'],
      event: 'CANCEL',
      actions: ['shout'],
    });
    expect(transitions.map(({ guard }) => guard).filter((guard) => guard !== undefined)).toEqual([
      'tooOften and isLong 3',
      'a condition',
      'accepted',
      'not in editing or tooOften',
    ]);
  });

  test('ids of transitions are unique', () => {
    for (const { machine } of named) {
      const all = toJson(machine).transitions.map(({ id }) => id);
      expect(new Set(all).size).toBe(all.length);
    }
  });
});
