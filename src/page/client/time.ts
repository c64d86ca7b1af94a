/** Times as people read them, by the clock of the bot's machine. */
export function time() {
  /** How far the server's clock is ahead of this one, in ms. */
  let aheadMs = 0;

  const two = (value: number) => String(value).padStart(2, '0');

  function isToday(date: Date): boolean {
    return date.toDateString() === new Date(Date.now() + aheadMs).toDateString();
  }

  return {
    /** Sets the server's time. */
    set(serverNow: number): void {
      aheadMs = serverNow - Date.now();
    },

    now: () => Date.now() + aheadMs,

    /** `14:02:11`, with the date where it is another day's. */
    clock(at: number): string {
      const date = new Date(at - aheadMs);
      const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
      if (isToday(new Date(at))) return time;
      return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
    },

    /** Until then: `4:21`, `1:02:03`, `3 d 4 h`; `0:00` when it is past. */
    countdown(untilMs: number): string {
      const seconds = Math.max(0, Math.ceil(untilMs / 1000));
      const hours = Math.floor(seconds / 3600);
      if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
      const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
      return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0(?=\d)/, '');
    },

    /** How long something took: `840 ms`, `2.4 s`, `4 min 12 s`, `3 h 5 min`, `2 d 3 h`. */
    span(ms: number): string {
      if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
      if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
      const seconds = Math.floor(ms / 1000);
      if (seconds < 60) return `${seconds} s`;
      const minutes = Math.floor(seconds / 60);
      if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
      const hours = Math.floor(minutes / 60);
      return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
    },

    /** The same, coarse: for what is looked at in passing. */
    age(ms: number): string {
      const seconds = Math.max(0, Math.floor(ms / 1000));
      if (seconds < 60) return `${seconds} s`;
      if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
      return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
    },
  };
}

export type Time = ReturnType<typeof time>;
