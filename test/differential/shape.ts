/** What of an answer is compared: all but the values. */
export type Shape = ReadonlyMap<string, string>;

/**
 * The keys of a JSON value and the types of what is under them, one path a line: `rooms.join.!.timeline.events[m.room.name].type`.
 * Keys that are ids are told apart by their sigil alone; the elements of an array are taken together, and events by
 * their type.
 */
export function shapeOf(value: unknown, nameOfKey: (key: string) => string = (key) => key): Shape {
  const shape = new Map<string, Set<string>>();
  const visit = (path: string, inner: unknown) => {
    const types = shape.get(path) ?? new Set();
    shape.set(path, types.add(typeOf(inner)));
    if (Array.isArray(inner)) for (const element of inner) visit(`${path}[${kindOf(element)}]`, element);
    else if (typeof inner === 'object' && inner !== null) {
      for (const [key, below] of Object.entries(inner)) visit(`${path}.${withoutId(nameOfKey(key))}`, below);
    }
  };
  visit('body', value);
  return new Map([...shape].map(([path, types]) => [path, [...types].toSorted().join(' or ')]));
}

/** Where two shapes differ; what lies below something that only one of them has is not listed as well. */
export function shapeDifferences(left: Shape, right: Shape, names: readonly [string, string]): string[] {
  const differences: string[] = [];
  const missing: string[] = [];
  for (const path of [...new Set([...left.keys(), ...right.keys()])]) {
    if (missing.some((above) => path.startsWith(above))) continue;
    const [here, there] = [left.get(path), right.get(path)];
    if (here === there) continue;
    if (here === undefined || there === undefined) {
      missing.push(`${path}.`, `${path}[`);
      differences.push(`${path}: only on ${here === undefined ? names[1] : names[0]}`);
    } else differences.push(`${path}: ${here} on ${names[0]}, ${there} on ${names[1]}`);
  }
  return differences;
}

function kindOf(element: unknown): string {
  const type =
    typeof element === 'object' && element !== null && 'type' in element ? element.type : undefined;
  return typeof type === 'string' ? type : '';
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** `!abc:localhost` to `!`, `ed25519:DEVICE` to `ed25519:`; other keys are words of the protocol. */
function withoutId(key: string): string {
  if (/^[!@$#]/.test(key)) return key.slice(0, 1);
  return key.replace(/^((?:signed_)?(?:ed25519|curve25519)):.*$/, '$1:');
}
