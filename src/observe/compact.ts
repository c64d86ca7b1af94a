type OptionalKeys<T> = { [Key in keyof T]: undefined extends T[Key] ? Key : never }[keyof T];

type Compact<T> = { [Key in Exclude<keyof T, OptionalKeys<T>>]: T[Key] } & {
  [Key in OptionalKeys<T>]?: Exclude<T[Key], undefined>;
};

/** The same fields without those that are `undefined`. */
export function compact<T extends object>(fields: T): Compact<T> {
  const present: Partial<Record<keyof T, unknown>> = {};
  for (const name in fields) if (fields[name] !== undefined) present[name] = fields[name];
  return present as Compact<T>;
}
