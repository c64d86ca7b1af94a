// Run by itself, so that Node and not the test runner decides which of XState's two builds is loaded.
import { createMachine, initialTransition, transition } from 'xstate';
import { pathsOf } from '../../../src/statechart/index.ts';
import { form, player } from '../foreign.ts';
import { asText } from './plan.ts';
import { small } from './small.ts';

const toggle = createMachine({
  initial: 'a',
  states: { a: { on: { '*': 'b' } }, b: { on: { 'c.*': 'a' } } },
});

/** The development build refuses an event of the type `*`. */
function build(): string {
  try {
    transition(toggle, initialTransition(toggle)[0], { type: '*' });
    return 'production';
  } catch {
    return 'development';
  }
}

const plans = {
  ...Object.fromEntries(
    // The context of this one tells the time.
    Object.entries(small)
      .filter(([name]) => name !== 'time')
      .map(([name, { machine, options }]) => [name, asText(pathsOf(machine, options))]),
  ),
  player: asText(pathsOf(player)),
  toggle: asText(pathsOf(toggle)),
  form: asText(
    pathsOf(form, {
      cases: [
        { name: 'sent', event: 'SUBMIT', with: () => ({ text: 'hello' }) },
        { name: 'accepted', event: 'send done', with: () => ({ output: { ok: true } }) },
        { name: 'turned down', event: 'send done', with: () => ({ output: { ok: false } }) },
      ],
    }),
  ),
};
console.log(JSON.stringify({ build: build(), plans }));
