/** `3.4 s`, `5 s`, `4 min`, `2 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** Local time, to the tenth of a second. */
export function clockTime(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const tenth = Math.floor(date.getMilliseconds() / 100);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${tenth}`;
}

/** `1st`, `2nd`, `11th`. */
export function ordinal(number: number): string {
  const category = new Intl.PluralRules('en', { type: 'ordinal' }).select(number);
  const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };
  return `${number}${endings[category] ?? 'th'}`;
}

/** `1 login`, `2 logins`; `1 refresh`, `2 refreshes`. */
export function counted(number: number, noun: string): string {
  const plural = noun.endsWith('sh') ? `${noun}es` : `${noun}s`;
  return `${number} ${number === 1 ? noun : plural}`;
}
