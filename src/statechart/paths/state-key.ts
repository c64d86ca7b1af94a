import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';

/**
 * Makes keys for snapshots: two have the same key exactly if they have the same state value, history and context. It
 * tells apart what JSON does not, such as `undefined`, `NaN`, `-0`, a `Set` or a `Map`. What cannot be looked into, such
 * as a function or an instance of a class without `toJSON()`, is the same only if it is the same object.
 */
export class StateKeys {
  readonly #ids = new Map<unknown, number>();
  /** Where something was found that cannot be looked into, and what it is. */
  readonly #opaque = new Map<string, string>();

  /** @throws {Error} if a field of the context cannot be read; it names the field */
  keyOf({ value, context, historyValue }: AnyMachineSnapshot): string {
    const history = Object.entries(historyValue as Record<string, readonly AnyStateNode[]>).map(
      ([id, nodes]) => [id, nodes.map((node) => node.id)],
    );
    return `${JSON.stringify([value, history])} ${this.#text(context, ['context'], [])}`;
  }

  /** What was compared by identity: `context.client (an instance of Client)`. */
  get opaque(): readonly string[] {
    return [...this.#opaque].map(([field, what]) => `${field} (${what})`);
  }

  #text(value: unknown, path: readonly string[], around: readonly object[]): string {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'function') return this.#identity(value, path, 'a function');
    if (typeof value === 'symbol') return this.#identity(value, path, 'a symbol');
    if (typeof value !== 'object' || value === null) return String(value);
    const depth = around.indexOf(value);
    if (depth >= 0) return `circle ${depth}`;
    try {
      return this.#objectText(value, path, [...around, value]);
    } catch (cause) {
      if (cause instanceof UnreadableFieldError) throw cause;
      throw new UnreadableFieldError(path, cause);
    }
  }

  #objectText(value: object, path: readonly string[], around: readonly object[]): string {
    const list = (name: string, values: Iterable<unknown>) =>
      `${name}[${[...values].map((each, index) => this.#text(each, [...path, String(index)], around)).join()}]`;
    const fields = (name: string) => {
      const texts = Reflect.ownKeys(value)
        .filter((key) => Object.prototype.propertyIsEnumerable.call(value, key))
        .map((key) => {
          const name = this.#text(key, [...path, `[${String(key)}]`], around);
          return `${name}:${this.#text((value as Record<PropertyKey, unknown>)[key], [...path, String(key)], around)}`;
        });
      return `${name}{${texts.join()}}`;
    };
    const name = nameOf(value);
    switch (Object.prototype.toString.call(value)) {
      case '[object Array]':
        // The length tells how many have no value at all at the end.
        return fields(`Array ${(value as unknown[]).length}`);
      case '[object Date]':
        return `${name} ${(value as Date).getTime()}`;
      case '[object Set]':
        return list(name, value as Set<unknown>);
      case '[object Map]':
        return list(name, value as Map<unknown, unknown>);
      case '[object RegExp]':
        return `${name} ${(value as RegExp).toString()} ${(value as RegExp).lastIndex}`;
      case '[object Error]':
        return fields(
          `${name} ${(value as Error).toString()} ${this.#text((value as Error).cause, [...path, 'cause'], around)}`,
        );
      case '[object Boolean]':
      case '[object Number]':
      case '[object String]':
        return `${name} ${this.#text(value.valueOf(), path, around)}`;
      case '[object ArrayBuffer]':
      case '[object SharedArrayBuffer]':
        return list(name, new Uint8Array(value as ArrayBuffer));
      default:
        break;
    }
    if (ArrayBuffer.isView(value)) {
      return list(name, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) return fields('');
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === 'function') return `${name} ${this.#text(toJSON.call(value), path, around)}`;
    return this.#identity(value, path, `an instance of ${name}`);
  }

  #identity(value: unknown, path: readonly string[], what: string): string {
    this.#opaque.set(path.join('.'), what);
    const id = this.#ids.get(value) ?? this.#ids.size;
    this.#ids.set(value, id);
    return `#${id}`;
  }
}

/** A field of the context that throws when it is read. */
class UnreadableFieldError extends Error {
  constructor(path: readonly string[], cause: unknown) {
    super(
      `The field "${path.join('.')}" cannot be read to tell one state from another: ${String(cause)}. ` +
        'Give a "stateKey" that leaves it out.',
      { cause },
    );
  }
}

function nameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : '';
}
