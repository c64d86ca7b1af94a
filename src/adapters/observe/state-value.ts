import type { MachineSnapshot } from './observable.ts';

/** Parallel regions: their names say nothing, the states in them do. */
const REGIONS: ReadonlySet<string> = new Set(['service', 'renewal']);

/** The state value as a path, such as `refreshing.required.exchanging`. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  let path = '';
  for (const [name, inner] of Object.entries(value ?? {})) {
    const parts = REGIONS.has(name) ? pathOf(inner) : `${name}.${pathOf(inner)}`;
    path = path === '' ? parts : `${path}.${parts}`;
  }
  return path;
}

export function topOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? path : path.slice(0, dot);
}

/** A machine that has ended, by its owner or by a bug, serves nobody, whatever its last state was. */
export function isUsable(machine: MachineSnapshot): boolean {
  return machine.status === 'active' && machine.tags.has('usable');
}
