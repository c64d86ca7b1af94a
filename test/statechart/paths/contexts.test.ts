import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { describe, expect, test } from 'vitest';
import { pathsOf } from '../../../src/statechart/index.ts';

/** Two events put two values into the context, and a guard tells them apart. */
function choosing<T>(one: () => T, other: () => T, isOther: (value: T) => boolean): AnyStateMachine {
  return createMachine({
    id: 'm',
    types: { context: {} as { held: { value?: T } } },
    context: () => ({ held: {} }),
    initial: 'choosing',
    states: {
      choosing: {
        on: {
          ONE: { target: 'chosen', actions: assign(() => ({ held: { value: one() } })) },
          OTHER: { target: 'chosen', actions: assign(() => ({ held: { value: other() } })) },
        },
      },
      chosen: {
        on: {
          GO: [
            { guard: ({ context }) => isOther(context.held.value as T), target: 'other' },
            { target: 'one' },
          ],
        },
      },
      one: { type: 'final' },
      other: { type: 'final' },
    },
  });
}

class Point {
  readonly x: number;
  constructor(x: number) {
    this.x = x;
  }
}

class Purse {
  readonly #coins: number;
  constructor(coins: number) {
    this.#coins = coins;
  }
  get coins() {
    return this.#coins;
  }
}

class Amount extends Purse {
  toJSON() {
    return this.coins;
  }
}

function ring(length: number) {
  const first: { next?: object } = {};
  first.next = length === 1 ? first : { next: first };
  return first;
}

const always = () => true;
const [up, down] = [Symbol('way'), Symbol('way')];

describe('states are told apart by a context that holds', () => {
  const same: Readonly<Record<string, AnyStateMachine>> = {
    'a Set': choosing(
      () => new Set([1]),
      () => new Set([2]),
      (value) => value.has(2),
    ),
    'the order of a Set': choosing(
      () => new Set([1, 2]),
      () => new Set([2, 1]),
      (value) => [...value][0] === 2,
    ),
    'a Map': choosing(
      () => new Map([['a', 1]]),
      () => new Map([['a', 2]]),
      (value) => value.get('a') === 2,
    ),
    'a Map with objects as keys': choosing(
      () => new Map([[{ a: 1 }, 1]]),
      () => new Map([[{ a: 2 }, 1]]),
      (value) => [...value.keys()][0]?.a === 2,
    ),
    'a BigInt': choosing(
      () => 1n,
      () => 2n,
      (value) => value === 2n,
    ),
    'a BigInt or a number': choosing<unknown>(
      () => 1,
      () => 1n,
      (value) => typeof value === 'bigint',
    ),
    'a circle': choosing(
      () => ring(1),
      () => ring(2),
      (value) => value.next !== value,
    ),
    'a Date': choosing(
      () => new Date(1),
      () => new Date(2),
      (value) => value.getTime() === 2,
    ),
    'a Date or its text': choosing<unknown>(
      () => new Date(1),
      () => new Date(1).toJSON(),
      (value) => typeof value === 'string',
    ),
    'a Date that is none': choosing<unknown>(
      () => null,
      () => new Date(Number.NaN),
      (value) => value !== null,
    ),
    'an instance of a class': choosing(
      () => new Point(1),
      () => new Point(2),
      (value) => value.x === 2,
    ),
    'an instance with private fields': choosing(
      () => new Purse(1),
      () => new Purse(2),
      (value) => value.coins === 2,
    ),
    'an instance with toJSON()': choosing(
      () => new Amount(1),
      () => new Amount(2),
      (value) => value.coins === 2,
    ),
    undefined: choosing<unknown>(
      () => null,
      () => undefined,
      (value) => value === undefined,
    ),
    'a field that is undefined': choosing<object>(
      () => ({}),
      () => ({ a: undefined }),
      (value) => 'a' in value,
    ),
    'undefined in a list': choosing<unknown[]>(
      () => [null],
      () => [undefined],
      (value) => value[0] === undefined,
    ),
    'nothing in a list': choosing<unknown[]>(
      () => [undefined],
      () => Object.assign([] as unknown[], { length: 1 }),
      (value) => !(0 in value),
    ),
    NaN: choosing<unknown>(
      () => null,
      () => Number.NaN,
      Number.isNaN,
    ),
    infinity: choosing<unknown>(
      () => Number.NEGATIVE_INFINITY,
      () => Number.POSITIVE_INFINITY,
      (value) => value === Infinity,
    ),
    'minus zero': choosing<unknown>(
      () => 0,
      () => -0,
      (value) => Object.is(value, -0),
    ),
    'a typed array': choosing(
      () => new Uint8Array([1]),
      () => new Uint8Array([2]),
      (value) => value[0] === 2,
    ),
    'typed arrays of two kinds': choosing<object>(
      () => new Uint8Array([1]),
      () => new Int8Array([1]),
      (value) => value instanceof Int8Array,
    ),
    'a buffer': choosing(
      () => new Uint8Array([1]).buffer,
      () => new Uint8Array([2]).buffer,
      (value) => new Uint8Array(value)[0] === 2,
    ),
    'a pattern': choosing(
      () => /a/,
      () => /a/i,
      (value) => value.flags === 'i',
    ),
    'an error': choosing(
      () => new Error('a'),
      () => new Error('b'),
      (value) => value.message === 'b',
    ),
    'an error with a code': choosing(
      () => Object.assign(new Error('a'), { code: 1 }),
      () => Object.assign(new Error('a'), { code: 2 }),
      (value) => value.code === 2,
    ),
    'a URL': choosing(
      () => new URL('https://a.example'),
      () => new URL('https://b.example'),
      (value) => value.host === 'b.example',
    ),
    'a function': choosing<() => boolean>(
      () => always,
      () => () => false,
      (value) => !value(),
    ),
    'a symbol': choosing<symbol>(
      () => up,
      () => down,
      (value) => value === down,
    ),
    'a symbol as a key': choosing<Record<symbol, number>>(
      () => ({ [up]: 1 }),
      () => ({ [up]: 2 }),
      (value) => value[up] === 2,
    ),
    'a text with the marks of others': choosing<unknown>(
      () => '1n',
      () => 1n,
      (value) => value === 1n,
    ),
    'a list or an object': choosing<unknown>(
      () => [],
      () => ({}),
      (value) => !Array.isArray(value),
    ),
  };

  test.each(Object.entries(same))('%s', (_, machine) => {
    expect(pathsOf(machine).coverage.unreached).toEqual([]);
  });
});

test('values that are made anew each time are the same, if their content is', () => {
  const machine = createMachine({
    context: () => ({
      seen: new Set<number>(),
      at: new Date(0),
      by: new Map([['a', { b: [1n] }]]),
      sum: new Amount(1),
    }),
    on: {
      AGAIN: {
        actions: assign(() => ({
          seen: new Set([1]),
          at: new Date(0),
          by: new Map([['a', { b: [1n] }]]),
          sum: new Amount(1),
        })),
      },
    },
  });
  expect(() => pathsOf(machine, { limit: 2 })).not.toThrow();
});

test('an instance that is handed on is the same in all states', () => {
  const machine = createMachine({
    context: { purse: new Purse(1), on: false },
    on: { FLIP: { actions: assign({ on: ({ context }) => !context.on }) } },
  });
  expect(() => pathsOf(machine, { limit: 2 })).not.toThrow();
});

test('where only the same object is the same, an end that is not reached names the field', () => {
  const machine = createMachine({
    id: 'shop',
    context: { cart: { purses: [new Purse(1)] } },
    on: { PAY: { actions: assign(() => ({ cart: { purses: [new Purse(1)] } })) } },
  });
  expect(() => pathsOf(machine, { limit: 20 })).toThrow(
    'Only the same object counts as the same in context.cart.purses.0 (an instance of Purse). Give a "stateKey"',
  );
});

test('a field that cannot be read is named', () => {
  const machine = createMachine({
    context: {
      shop: {
        get price(): number {
          throw new TypeError('closed');
        },
      },
    },
  });
  expect(() => pathsOf(machine)).toThrow(
    'The field "context.shop" cannot be read to tell one state from another: TypeError: closed. Give a "stateKey" that leaves it out.',
  );
});

test('states that differ in what they go back to are told apart', () => {
  const machine = createMachine({
    id: 'm',
    initial: 'on',
    states: {
      on: {
        initial: 'a',
        on: { OFF: 'off' },
        states: { a: { on: { NEXT: 'b' } }, b: { on: { LAST: '#end' } }, back: { type: 'history' } },
      },
      off: { on: { ON: 'on.back' } },
      end: { id: 'end', type: 'final' },
    },
  });
  const names = pathsOf(machine)
    .simplePaths({ maxSteps: 4, to: (snapshot) => snapshot.matches('off') })
    .map(({ name }) => name);
  expect(names).toEqual(['OFF', 'NEXT, OFF']);
  expect(pathsOf(machine).edgeCoveringPaths.length).toBeGreaterThan(0);
});

test.each(['constructor', '__proto__', '1'])('a key may be %s', (key) => {
  const machine = createMachine({ initial: 'a', states: { a: { on: { GO: 'b' } }, b: { on: { GO: 'a' } } } });
  const stateKey = (snapshot: { readonly value: unknown }) => (snapshot.value === 'a' ? 'first' : key);
  expect(pathsOf(machine, { stateKey }).coverage.unreached).toEqual([]);
});
