/**
 * Lets the methods of a class be taken off its objects, as in `process.once('SIGTERM', auth.stop)`. Each is bound when an
 * object is first asked for it, so that those who never ask do not pay for it.
 */
export function bindWhenAsked(type: abstract new (...args: never[]) => object): void {
  const { prototype } = type;
  for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof method !== 'function' || name === 'constructor') continue;
    const keep = <Value>(owner: object, value: Value): Value => {
      Object.defineProperty(owner, name, { value, writable: true, configurable: true });
      return value;
    };
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: unknown) {
        // Spies of tests ask for it without an object.
        return this instanceof type ? keep(this, method.bind(this)) : method;
      },
      set(this: object, value: unknown) {
        keep(this, value);
      },
    });
  }
}
