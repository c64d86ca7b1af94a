import * as v from 'valibot';
import { Secret, type SessionRecord, SessionStoreError, type StoredSession } from '../../../ports/index.ts';

/** The version of the text below. Whatever is added to a record raises it, for an older reader would drop it. */
const FORMAT = 1;

const text = v.pipe(v.string(), v.nonEmpty());
const time = v.pipe(v.number(), v.finite());
const secret = v.pipe(
  text,
  v.transform((value) => new Secret(value)),
);

const sessionFields = {
  userId: v.exactOptional(text),
  deviceId: v.exactOptional(text),
  generation: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  accessToken: secret,
  refreshToken: v.exactOptional(secret),
  previous: v.exactOptional(secret),
  obtainedAt: time,
  expiresAt: v.exactOptional(time),
} satisfies Record<keyof StoredSession, unknown>;

const recordFields = {
  session: v.exactOptional(v.strictObject(sessionFields)),
  deviceId: v.exactOptional(text),
  given: v.exactOptional(text),
  loginBudgetFullAt: v.exactOptional(time),
  loginNotBefore: v.exactOptional(time),
  position: v.exactOptional(text),
  leader: v.exactOptional(v.strictObject({ holder: v.string(), beat: v.number() })),
} satisfies Record<keyof SessionRecord, unknown>;

const RecordText = v.strictObject({ format: v.literal(FORMAT), ...recordFields });

/**
 * The record as text, with its secrets in the clear. `where` names the row in errors.
 * @throws {SessionStoreError} permanent: the record could not be read back, so it is not to be written
 */
export function recordToText(record: SessionRecord, where: string): string {
  const { session } = record;
  const written = JSON.stringify({
    format: FORMAT,
    ...record,
    ...(session === undefined
      ? {}
      : {
          session: {
            ...session,
            accessToken: session.accessToken.reveal(),
            refreshToken: session.refreshToken?.reveal(),
            previous: session.previous?.reveal(),
          },
        }),
  });
  const checked = v.safeParse(RecordText, JSON.parse(written));
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
export function recordFromText(written: string, where: string): SessionRecord {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    // Without a cause: the parser's own message quotes the text, and so the tokens.
    throw damaged(where, 'it is not JSON');
  }
  const format = v.is(v.object({ format: v.number() }), value) ? value.format : 0;
  if (format > FORMAT) {
    throw new SessionStoreError(
      `A newer version of matrix-auth-machine wrote ${where}: format ${format}, and this version knows ` +
        `${FORMAT}. Update matrix-auth-machine here. What is stored is left as it is.`,
      { permanent: true },
    );
  }
  const checked = v.safeParse(RecordText, value);
  if (!checked.success) throw damaged(where, `wrong: ${fieldsOf(checked.issues)}`);
  const { format: _, ...record } = checked.output;
  return record;
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
