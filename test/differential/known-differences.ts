import type { Difference } from './compare.ts';

/** A difference that is known, and why it is one. What is left out matches everything. */
export interface Known {
  readonly script?: RegExp;
  readonly step?: RegExp;
  readonly what: RegExp;
  readonly because: string;
}

/** What `docs/testing-tools.md` says under "Where it differs from Synapse". */
const documented: readonly Known[] = [
  {
    step: /^GET \/capabilities/,
    what: /^body\.capabilities\.m\.room_versions\.available\.(?!11:)/,
    because: 'The event format is that of room version 11, and no other can be asked for.',
  },
  {
    step: /^GET \/pushrules/,
    what: /^body\.global\./,
    because: 'Push rules are empty.',
  },
  {
    step: /^GET \/sync/,
    what: /^body\.account_data\.events\[\]\.content\.global\./,
    because: 'Push rules are empty: they are not in the account data either.',
  },
  {
    step: /^GET \/rooms\/\{room\}\/messages\?dir=b&limit=0$/,
    what: /^body\.end: only on Synapse/,
    because: '`limit=0` on `/messages` answers without `end`.',
  },
];

/** What the documentation does not say: defects of the test homeserver, or lines to add there. */
const open: readonly Known[] = [
  {
    step: /versions$/,
    what: /^body\.unstable_features\./,
    because: 'It claims no unstable feature.',
  },
  {
    step: /^GET \/capabilities/,
    what: /^body\.capabilities\.org\.matrix\.msc4140\.delayed_events/,
    because: 'It claims no unstable capability.',
  },
  {
    step: /^POST \/keys\/query/,
    what: /^body\.device_keys\.@\.BOT\.unsigned: only on Synapse/,
    because: 'Synapse adds `unsigned` to device keys.',
  },
  {
    step: /^GET \/rooms\/\{room\}\/members/,
    what: /^body\.chunk\[\]\.(unsigned\.)?prev_(content|sender): only on the test homeserver/,
    because: 'Synapse leaves what was before out of `/members`.',
  },
  {
    script: /entered and left/,
    step: /leave \(who is out\)/,
    what: /^(status|errcode): /,
    because: 'Synapse forbids to leave a room that one was unbanned from.',
  },
  {
    step: /receipt.*\(alice\)/,
    what: /^(status|errcode): /,
    because: 'Synapse forbids receipts in a room that one is not in.',
  },
  {
    step: /^GET \/rooms\/\{room\}\/context\/\{event\}\?limit=1$/,
    what: /^body\.events_before\[\]: only on the test homeserver/,
    because: 'Of a limit of 1 Synapse gives the events before none.',
  },
  {
    step: /full_state=true/,
    what: /^body\.(account_data|device_lists): only on Synapse/,
    because: 'With `full_state` Synapse sends the account data and the device lists again as well.',
  },
  {
    script: /^sync: filters/,
    step: /filter=\{filter\}$/,
    what: /^body\.rooms\.join\.!\.state\.events\[\]\.content\.(membership|displayname): only on the test homeserver/,
    because: 'With lazily loaded members Synapse leaves a member out whose event is in the timeline.',
  },
  {
    script: /^sync: filters/,
    step: /filter=\{filter\}$/,
    what: /^body\.rooms\.join\.!\.summary\./,
    because: 'With lazily loaded members Synapse sends a summary.',
  },
];

/** All differences that there may be, and that there have to be. */
export const known: readonly Known[] = [...documented, ...open];

export function explains({ script, step, what }: Known, difference: Difference): boolean {
  return (
    (script === undefined || script.test(difference.script)) &&
    (step === undefined || step.test(difference.step)) &&
    what.test(difference.what)
  );
}
