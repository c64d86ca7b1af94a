import type { MachineSnapshot } from './observable.ts';

/** The top-level state of a state value. */
export function topOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  for (const name in value) return name;
  return '';
}

export function sameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const others = other as Readonly<Record<string, unknown>>;
  for (const name in one) {
    if (!sameValue((one as Readonly<Record<string, unknown>>)[name], others[name])) return false;
  }
  // An inner state does not lack a region that it had: what is in one value is in the other.
  return true;
}

/** A machine that has ended, by its owner or by a bug, serves nobody, whatever its last state was. */
export function isUsable(machine: MachineSnapshot): boolean {
  return machine.status === 'active' && machine.tags.has('usable');
}
