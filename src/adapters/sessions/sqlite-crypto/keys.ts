type Tagged = readonly ['s' | 'n' | 'b', string] | readonly ['d', number] | readonly ['a', readonly Tagged[]];

/** A key of IndexedDB as text: the same text for the same key, whatever it is held in. */
export function textOfKey(key: IDBValidKey): string {
  return JSON.stringify(tagged(key));
}

/** The key that {@link textOfKey} made the text of. */
export function keyOfText(text: string): IDBValidKey {
  return untagged(JSON.parse(text) as Tagged);
}

function tagged(key: IDBValidKey): Tagged {
  if (typeof key === 'string') return ['s', key];
  // -0 and 0 are one key.
  if (typeof key === 'number') return ['n', String(key)];
  if (key instanceof Date) return ['d', key.getTime()];
  if (Array.isArray(key)) return ['a', key.map(tagged)];
  const bytes = ArrayBuffer.isView(key)
    ? Buffer.from(key.buffer, key.byteOffset, key.byteLength)
    : Buffer.from(key);
  return ['b', bytes.toString('base64')];
}

function untagged([tag, value]: Tagged): IDBValidKey {
  switch (tag) {
    case 's':
      return value;
    case 'n':
      return Number(value);
    case 'd':
      return new Date(value);
    case 'a':
      return value.map(untagged);
    case 'b':
      return new Uint8Array(Buffer.from(value, 'base64')).buffer;
    default:
      return tag satisfies never;
  }
}
