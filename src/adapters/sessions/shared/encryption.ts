import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SessionStoreError } from '../../../ports/index.ts';

/**
 * Where a key comes from: its 32 bytes; the same as text, in hexadecimal (64 digits) or base64; the name of an
 * environment variable with such text; or the path of a file with the bytes or the text.
 */
export type KeySource = Uint8Array | string | { readonly env: string } | { readonly file: string };

/** A key to encrypt sessions with. */
export interface EncryptionKey {
  /** Is written beside what the key encrypts, to find the key again: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  readonly id: string;
  readonly key: KeySource;
}

/** Turns what is stored into what may be read, and back. */
export interface BodyCipher {
  /** `context` is what the text belongs to: it opens only together with the same. */
  seal(text: string, context: readonly unknown[]): string;
  /** @throws {SessionStoreError} permanent: a key is missing or wrong, or the body was altered or moved */
  open(body: string, context: readonly unknown[], where: string): string;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID = /^[A-Za-z0-9._-]{1,64}$/;
const SEALED = /^aes-256-gcm:(?<id>[A-Za-z0-9._-]{1,64}):(?<nonce>[\w-]{16}):(?<data>[\w-]{22,})$/;

/**
 * AES-256-GCM with the first of `keys`; reads what any of them wrote, and what was written without a key. Without
 * `keys` it writes plain text. `required` refuses to read plain text.
 * @throws {SessionStoreError} permanent: a key cannot be had, or is none
 */
export function bodyCipher(
  keys: readonly EncryptionKey[] | undefined,
  { required = false }: { readonly required?: boolean } = {},
): BodyCipher {
  const known = new Map<string, KeyObject>();
  for (const { id, key } of keys ?? []) {
    if (!ID.test(id))
      throw unusable(`A key id has 1 to 64 of A-Z a-z 0-9 . _ -, and ${JSON.stringify(id)} has not.`);
    if (known.has(id)) throw unusable(`Two keys have the id "${id}".`);
    known.set(id, createSecretKey(bytesOf(id, key)));
  }
  const [first] = known;
  if (keys !== undefined && first === undefined) {
    throw unusable('`keys` is empty. Leave it out to store sessions without encryption.');
  }

  return {
    seal: (text, context) => {
      if (first === undefined) return text;
      const [id, key] = first;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      cipher.setAAD(associated(id, context));
      const data = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
      return [ALGORITHM, id, nonce.toString('base64url'), data.toString('base64url')].join(':');
    },
    open: (body, context, where) => {
      if (!body.startsWith(`${ALGORITHM}:`)) {
        if (!required) return body;
        throw unusable(
          `Stored in clear, and \`requireEncryption\` is set: ${where}. If it is yours, start once without ` +
            `\`requireEncryption\`: it is encrypted when it is next written. ${LEFT}`,
        );
      }
      const sealed = SEALED.exec(body)?.groups as Record<'id' | 'nonce' | 'data', string> | undefined;
      if (sealed === undefined) {
        throw unusable(`Damaged: ${where} (it is cut short, or not what was encrypted). ${LEFT}`);
      }
      const { id, nonce, data } = sealed;
      const key = known.get(id);
      if (key === undefined) {
        const given =
          known.size === 0
            ? 'and no key is given'
            : `and the keys given are "${[...known.keys()].join('", "')}"`;
        throw unusable(
          `Encrypted with the key "${id}", ${given}: ${where}. Add the key "${id}" to \`keys\`. ${LEFT}`,
        );
      }
      const bytes = Buffer.from(data, 'base64url');
      const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(nonce, 'base64url'), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(associated(id, context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
      } catch {
        throw unusable(
          `Does not open with the key "${id}" that it names: ${where}. Either the key given under this id is ` +
            `another one, or the row was altered or copied from elsewhere. ${LEFT}`,
        );
      }
    },
  };
}

const LEFT = 'What is stored is left as it is.';

function associated(id: string, context: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(['matrix-auth-machine', id, ...context]));
}

function bytesOf(id: string, source: KeySource): Uint8Array {
  if (source instanceof Uint8Array) return checked(id, source, 'the bytes given');
  if (typeof source === 'string') return checked(id, decoded(source), 'the text given');
  if ('env' in source) {
    const text = process.env[source.env];
    if (text === undefined || text === '') {
      throw unusable(`The environment variable ${source.env} is to hold the key "${id}", and is not set.`);
    }
    return checked(id, decoded(text), `the environment variable ${source.env}`);
  }
  const content = contentOf(id, source.file);
  return content.length === KEY_BYTES
    ? content
    : checked(id, decoded(content.toString('latin1')), source.file);
}

function contentOf(id: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unusable(`${file} is to hold the key "${id}", and cannot be read (${code}).`);
  }
}

function decoded(text: string): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(trimmed) ? Buffer.from(trimmed, 'base64') : Buffer.alloc(0);
}

function checked(id: string, bytes: Uint8Array, from: string): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  throw unusable(
    `The key "${id}" is not 32 bytes, or not in hexadecimal or base64 (from ${from}). Make one: openssl rand -base64 32`,
  );
}

function unusable(message: string): SessionStoreError {
  return new SessionStoreError(message, { permanent: true });
}
