import { expect, test } from 'vitest';
import { readOptions, UsageError } from '../../demo/options.ts';

test('without flags: 5 s tokens on the test homeserver, until Ctrl-C', () => {
  expect(readOptions([])).toEqual({
    help: false,
    cycles: undefined,
    lifetimeMs: 5_000,
    synapse: false,
    botSdk: false,
    encrypted: false,
    homeserver: undefined,
    fleet: undefined,
    page: true,
    port: undefined,
  });
});

test.each([
  [['--cycles', '3'], { cycles: 3 }],
  [['--lifetime', '2s'], { lifetimeMs: 2_000 }],
  [['--lifetime', '1500ms'], { lifetimeMs: 1_500 }],
  [['--lifetime=1.5m'], { lifetimeMs: 90_000 }],
  [['--synapse'], { synapse: true }],
  [['--bot-sdk'], { botSdk: true }],
  [['--encrypted', '--synapse'], { encrypted: true, synapse: true }],
  [['--homeserver', 'https://example.org'], { homeserver: 'https://example.org' }],
  [['--fleet', '200'], { fleet: 200, lifetimeMs: 30_000 }],
  [['--fleet', '20', '--lifetime', '5s'], { fleet: 20, lifetimeMs: 5_000 }],
  [['--port', '8010'], { page: true, port: 8_010 }],
  [['--no-page'], { page: false }],
  [['-h'], { help: true }],
])('%j', (args, expected) => {
  expect(readOptions(args)).toMatchObject(expected);
});

test.each([
  [['--cycle', '3'], '--cycle'],
  [['--cycles'], '--cycles'],
  [['--cycles', '0'], '--cycles'],
  [['--cycles', '1.5'], '--cycles'],
  [['--lifetime', '5'], '--lifetime'],
  [['--lifetime', '999ms'], '--lifetime'],
  [['--lifetime', '61m'], '--lifetime'],
  [['--lifetime', '2s', '--homeserver', 'https://example.org'], '--lifetime'],
  [['--synapse', '--homeserver', 'https://example.org'], '--synapse'],
  [['--fleet', '0'], '--fleet'],
  [['--fleet', '2001'], '--fleet'],
  [['--fleet', 'many'], '--fleet'],
  [['--fleet', '2', '--cycles', '3'], '--cycles'],
  [['--fleet', '2', '--synapse'], '--synapse'],
  [['--fleet', '2', '--bot-sdk'], '--bot-sdk'],
  [['--fleet', '2', '--homeserver', 'https://example.org'], '--homeserver'],
  [['--fleet', '2', '--encrypted'], '--encrypted'],
  [['--encrypted'], '--encrypted needs --synapse'],
  [['--encrypted', '--synapse', '--bot-sdk'], '--encrypted and --bot-sdk'],
  [['--encrypted', '--homeserver', 'https://example.org'], '--encrypted and --homeserver'],
  [['--port', '0'], '--port'],
  [['--port', '65536'], '--port'],
  [['--port', 'http'], '--port'],
  [['--port', '8010', '--no-page'], '--no-page'],
  [['more'], 'more'],
])('%j is refused, and %s named', (args, named) => {
  expect(() => readOptions(args)).toThrow(UsageError);
  expect(() => readOptions(args)).toThrow(named);
});
