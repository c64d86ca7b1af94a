/** Whether an event of this type is one that the descriptor of a transition means: `foo.bar`, `foo.*` or `*`. */
export function matchesDescriptor(type: string, descriptor: string): boolean {
  if (!isWildcard(descriptor)) return descriptor === type;
  if (descriptor === '*') return true;
  const prefix = descriptor.slice(0, -'.*'.length);
  return type === prefix || type.startsWith(`${prefix}.`);
}

export function isWildcard(descriptor: string): boolean {
  return descriptor === '*' || descriptor.endsWith('.*');
}

/** The one that XState asks first of those that mean the event: the event's own, then the longest. */
export function nearestDescriptor(type: string, descriptors: Iterable<string>): string | undefined {
  return [...descriptors]
    .filter((each) => matchesDescriptor(type, each))
    .toSorted((a, b) => rank(b, type) - rank(a, type))[0];
}

/** How early XState asks a descriptor that means the event: the more, the earlier. */
export function rank(descriptor: string, type: string): number {
  return descriptor === type ? Number.POSITIVE_INFINITY : descriptor.length;
}

/** An event that only this wildcard means, among all descriptors of the machine: `foo.anything` for `foo.*`. */
export function madeUpType(wildcard: string, descriptors: Iterable<string>): string {
  const known = [...descriptors];
  const start = wildcard.slice(0, -1);
  for (let count = 1; ; count += 1) {
    const type = `${start}anything${count === 1 ? '' : count}`;
    if (nearestDescriptor(type, known) === wildcard) return type;
  }
}
