import * as v from 'valibot';
import {
  type QueuedMessage,
  type RecordKind,
  Secret,
  type SessionRecord,
  type SessionRecords,
  SessionStoreError,
  type StoredSession,
} from '../../../ports/index.ts';

/**
 * What this version can read. A text says by `minReader` (without that, by `format`) what its reader has to know, so that
 * additions which may be ignored do not lock older versions out. Format 1 is a session record without any addition: its
 * readers took nothing that they did not know. Format 3 is a session of a kind: its readers know that it is not renewed
 * as others are.
 */
const READER = 3;
const SESSION_OF_A_KIND = 3;
const WITH_ADDITIONS = 2;
const PLAIN_SESSION = 1;

const text = v.pipe(v.string(), v.nonEmpty());
const time = v.pipe(v.number(), v.finite());
const secret = v.pipe(
  text,
  v.transform((value) => new Secret(value)),
);

type Fields<T> = Record<Exclude<keyof T, 'unknown'>, unknown>;

const sessionFields = {
  userId: v.exactOptional(text),
  deviceId: v.exactOptional(text),
  generation: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  accessToken: secret,
  refreshToken: v.exactOptional(secret),
  previous: v.exactOptional(secret),
  obtainedAt: time,
  expiresAt: v.exactOptional(time),
  kind: v.exactOptional(text),
  renewal: v.exactOptional(v.record(text, v.string())),
} satisfies Fields<StoredSession>;

const session = v.pipe(
  v.looseObject(sessionFields),
  v.transform((value): StoredSession => {
    const { known, others } = split(value, sessionFields);
    return { ...known, ...(others === undefined ? {} : { unknown: new Secret(JSON.stringify(others)) }) };
  }),
);

const kinds = {
  session: {
    session: v.exactOptional(session),
    deviceId: v.exactOptional(text),
    given: v.exactOptional(text),
    loginBudgetFullAt: v.exactOptional(time),
    loginNotBefore: v.exactOptional(time),
    position: v.exactOptional(text),
    leader: v.exactOptional(v.object({ holder: v.string(), beat: v.number() })),
  } satisfies Fields<SessionRecord>,
  position: { position: text, at: time, open: v.exactOptional(v.literal(true)) } satisfies Fields<
    SessionRecords['position']
  >,
  leader: {
    holder: v.string(),
    beat: v.pipe(v.number(), v.safeInteger()),
    wanted: v.exactOptional(text),
    task: v.exactOptional(text),
  } satisfies Fields<SessionRecords['leader']>,
  logins: {
    budgetFullAt: v.exactOptional(time),
    notBefore: v.exactOptional(time),
    names: v.exactOptional(v.array(v.object({ name: text, userId: text }))),
  } satisfies Fields<SessionRecords['logins']>,
  logout: { generation: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) } satisfies Fields<
    SessionRecords['logout']
  >,
  given: { fingerprints: v.array(text) } satisfies Fields<SessionRecords['given']>,
  outbox: {
    messages: v.array(
      v.looseObject({
        id: text,
        roomId: text,
        type: text,
        content: v.record(v.string(), v.unknown()),
        encrypted: v.exactOptional(v.record(v.string(), v.unknown())),
        txnId: text,
        at: time,
        expiresAt: time,
        userId: v.exactOptional(text),
      } satisfies Fields<QueuedMessage>),
    ),
    sent: v.array(v.looseObject({ id: text, eventId: text })),
  } satisfies Fields<SessionRecords['outbox']>,
};

/** The version of a text, and whom it is for. */
const header = { format: v.pipe(v.number(), v.safeInteger()), minReader: v.exactOptional(v.number()) };

/**
 * The record as text, with its secrets in the clear. `where` names the row in errors.
 * @throws {SessionStoreError} permanent: the record could not be read back, so it is not to be written
 */
export function recordToText<K extends RecordKind>(
  kind: K,
  record: SessionRecords[K],
  where: string,
): string {
  const { unknown, ...known } = record;
  const others = parsed(unknown);
  const written = JSON.stringify({
    format: formatOf(kind, record),
    ...others,
    ...known,
    ...('session' in known && known.session !== undefined
      ? { session: revealed(known.session as StoredSession) }
      : {}),
  });
  const checked = v.safeParse(v.looseObject({ ...header, ...kinds[kind] }), JSON.parse(written));
  if (!checked.success) {
    throw new SessionStoreError(
      `Not written, because it could not be read back: ${where}. Wrong: ${fieldsOf(checked.issues)}. ` +
        'What is stored is left as it is. This is a bug of the program that made the record.',
      { permanent: true },
    );
  }
  return written;
}

/**
 * The record that {@link recordToText} wrote.
 * @throws {SessionStoreError} permanent: the text is damaged, or of a newer version
 */
export function recordFromText<K extends RecordKind>(
  kind: K,
  written: string,
  where: string,
): SessionRecords[K] {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    // Without a cause: the parser's own message quotes the text, and so the tokens.
    throw damaged(where, 'it is not JSON');
  }
  const { format, minReader = format } = v.is(v.looseObject(header), value) ? value : { format: 0 };
  if (minReader > READER) {
    throw new SessionStoreError(
      `A newer version of matrix-auth-machine wrote ${where}: its readers have to know format ${minReader}, and this ` +
        `version knows ${READER}. Update matrix-auth-machine here. What is stored is left as it is.`,
      { permanent: true },
    );
  }
  const checked = v.safeParse(v.looseObject({ ...header, ...kinds[kind] }), value);
  if (!checked.success) throw damaged(where, `wrong: ${fieldsOf(checked.issues)}`);
  const { known, others } = split(checked.output, kinds[kind]);
  const { format: _, ...additions } = others ?? {};
  // What is only known by its format is kept together with that.
  const isOurs = format <= READER && Object.keys(additions).length === 0;
  return {
    ...known,
    ...(isOurs ? {} : { unknown: new Secret(JSON.stringify(others)) }),
  } as unknown as SessionRecords[K];
}

function formatOf(kind: RecordKind, record: SessionRecords[RecordKind]): number {
  const { session } = kind === 'session' ? (record as SessionRecord) : {};
  if (session?.kind !== undefined) return SESSION_OF_A_KIND;
  const isPlain = kind === 'session' && record.unknown === undefined && session?.unknown === undefined;
  return isPlain ? PLAIN_SESSION : WITH_ADDITIONS;
}

function split<T extends Record<string, unknown>, F extends object>(value: T, fields: F) {
  const entries = Object.entries(value);
  const known = Object.fromEntries(entries.filter(([name]) => name in fields));
  const others = Object.fromEntries(entries.filter(([name]) => !(name in fields)));
  return {
    known: known as Pick<T, Extract<keyof F, keyof T>>,
    others: Object.keys(others).length === 0 ? undefined : others,
  };
}

function revealed({ unknown, ...known }: StoredSession) {
  return {
    ...parsed(unknown),
    ...known,
    accessToken: known.accessToken.reveal(),
    refreshToken: known.refreshToken?.reveal(),
    previous: known.previous?.reveal(),
  };
}

function parsed(unknown: Secret | undefined): Record<string, unknown> | undefined {
  return unknown === undefined ? undefined : JSON.parse(unknown.reveal());
}

function damaged(where: string, how: string): SessionStoreError {
  return new SessionStoreError(
    `Damaged: ${where} (${how}). Restore it from a backup, or delete it to sign in anew. ` +
      'What is stored is left as it is.',
    { permanent: true },
  );
}

/** Where the issues are, without the values: they may be tokens. */
function fieldsOf(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.map((issue) => v.getDotPath(issue) ?? 'the whole').join(', ');
}
