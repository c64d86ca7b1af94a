import { redact } from '../ports/redact.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3.4 s`, `12 s`, `4 min 5 s`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < 10 * SECOND) return `${Number((Math.max(0, ms) / SECOND).toFixed(1))} s`;
  const [unit, name, next, nextName] =
    ms < MINUTE - SECOND / 2
      ? ([SECOND, 's', 0, ''] as const)
      : ms < HOUR
        ? ([MINUTE, 'min', SECOND, 's'] as const)
        : ms < DAY
          ? ([HOUR, 'h', MINUTE, 'min'] as const)
          : ([DAY, 'd', HOUR, 'h'] as const);
  if (next === 0) return `${Math.round(ms / unit)} ${name}`;
  const rounded = Math.round(ms / next) * next;
  const rest = Math.floor((rounded % unit) / next);
  return `${Math.floor(rounded / unit)} ${name}${rest === 0 ? '' : ` ${rest} ${nextName}`}`;
}

/** Local time, with the day where it is another than `now`’s. */
export function clock(at: number, now: number): string {
  const [date, today] = [new Date(at), new Date(now)];
  const two = (number: number) => String(number).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  if (date.toDateString() === today.toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** `in 4 s, at 13:04:12`; `4 s ago, at 13:04:12`. */
export function when(at: number, now: number): string {
  const distance = at >= now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
  return `${distance}, at ${clock(at, now)}`;
}

/** Names and values, a line each, aligned. */
export function rows(pairs: readonly (readonly [name: string, value: string | undefined])[]): string {
  return pairs
    .flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(10)}${value}\n`]))
    .join('');
}

/**
 * Text of another program as it may be printed: one line of at most so many characters, no control characters, no token,
 * no full stop at the end.
 */
export function oneLine(text: string, longest = 200): string {
  const line = redact(text)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ')
    .trim();
  return (line.length > longest ? `${line.slice(0, longest - 1)}…` : line).replace(/[.\s]+$/, '');
}
