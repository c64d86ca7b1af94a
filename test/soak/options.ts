import { parseArgs } from 'node:util';

export interface SoakOptions {
  /** Kills at random moments, per store and homeserver. */
  readonly kills: number;
  /** Tokens that four processes live through, per store and homeserver. */
  readonly lifetimes: number;
  /** Random stories of the whole module on the test homeserver. */
  readonly stories: number;
  readonly seed: number | undefined;
  /** Whether docs/reliability.md gets the table. */
  readonly write: boolean;
}

/** @throws Error where an option is unknown or no whole number */
export function soakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '500' },
      lifetimes: { type: 'string', default: '200' },
      stories: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      'no-write': { type: 'boolean', default: false },
    },
  });
  return {
    kills: whole('kills', values.kills),
    lifetimes: whole('lifetimes', values.lifetimes),
    stories: whole('stories', values.stories),
    seed: values.seed === undefined ? undefined : whole('seed', values.seed),
    write: !values['no-write'],
  };
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} is a whole number, and not "${text}".`);
  return Number(text);
}
