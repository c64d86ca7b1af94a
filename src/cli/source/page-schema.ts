import * as v from 'valibot';
import type { Frame } from '../../observe/index.ts';

/** Whatever a page sends is printed on a terminal, which obeys control characters. */
const text = v.pipe(
  v.string(),
  v.transform((value) => value.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')),
);
const time = v.pipe(v.number(), v.finite());

/** The fields of a frame that are used; others are ignored, so that a page of another version can be read. */
const FrameText = v.object({
  at: time,
  bot: text,
  event: text,
  outcome: v.exactOptional(text),
  refusal: v.exactOptional(
    v.object({ endpoint: text, status: v.number(), errcode: v.exactOptional(text), meaning: text }),
  ),
  state: text,
  detail: text,
  since: time,
  tags: v.array(text),
  reason: v.exactOptional(text),
  advice: v.exactOptional(text),
  trouble: v.exactOptional(text),
  next: v.exactOptional(v.object({ what: text, at: time })),
  userId: v.exactOptional(text),
  deviceId: v.exactOptional(text),
  generation: v.exactOptional(v.number()),
  fingerprint: v.exactOptional(text),
  obtainedAt: v.exactOptional(time),
  expiresAt: v.exactOptional(time),
  homeserver: v.exactOptional(text),
  process: v.exactOptional(v.object({ host: text, pid: v.number(), version: v.exactOptional(text) })),
  counters: v.object({
    held: v.number(),
    refreshes: v.number(),
    logins: v.number(),
    // A page of an earlier version knows of no queue.
    outgoing: v.optional(v.number(), 0),
    outgoingSince: v.exactOptional(time),
  }),
});

const FramesText = v.object({ now: time, bots: v.array(v.object({ id: text, now: FrameText })) });

const VisitText = v.object({
  seq: v.number(),
  at: time,
  state: text,
  detail: text,
  cause: text,
  facts: v.array(text),
  from: v.exactOptional(text),
});

const VisitsText = v.object({
  view: v.object({ frame: v.object({ bot: text }) }),
  visits: v.array(VisitText),
  missed: v.optional(v.number(), 0),
});

export interface BotOnPage {
  readonly id: string;
  readonly now: Frame;
}

export type VisitOnPage = v.InferOutput<typeof VisitText>;

/** What `/frames` answers; `undefined` if it is something else. */
export function framesIn(
  value: unknown,
): { readonly now: number; readonly bots: readonly BotOnPage[] } | undefined {
  const { success, output } = v.safeParse(FramesText, value);
  // The names in it may be of a later version, and are only ever looked up or printed.
  return success ? (output as unknown as { now: number; bots: BotOnPage[] }) : undefined;
}

/** What the events `bot` and `visits` carry; `undefined` if it is something else. */
export function visitsIn(value: unknown): v.InferOutput<typeof VisitsText> | undefined {
  const { success, output } = v.safeParse(VisitsText, value);
  return success ? output : undefined;
}
