import { type MatrixClient, type MatrixEvent, MatrixEventEvent } from 'matrix-js-sdk';
import { DecryptionFailureCode } from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { ClientTrouble } from '../../ports/index.ts';
import { settlesWithin } from '../sync/index.ts';

/** How long a message may hold up its room for a key that is perhaps on its way. */
const KEY_ON_ITS_WAY_MS = 5_000;

/** Without these a key may still come. */
const mayCome: readonly (string | null)[] = [
  DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID,
  DecryptionFailureCode.OLM_UNKNOWN_MESSAGE_INDEX,
];

export interface DecryptionOptions {
  readonly onTrouble: (trouble: ClientTrouble) => void;
  /** The message was given up, and can be read now. */
  readonly onLate: (event: MatrixEvent) => void;
}

/** Decrypts what the bot is handed, and says why it cannot. */
export class Decryption {
  readonly #client: MatrixClient;
  readonly #options: DecryptionOptions;
  /** The sessions whose keys have been waited for. */
  readonly #waitedFor = new Set<unknown>();

  constructor(client: MatrixClient, options: DecryptionOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Resolves with false for what is encrypted and cannot be read. */
  async decrypt(event: MatrixEvent): Promise<boolean> {
    if (!event.isEncrypted()) return true;
    if (this.#client.getCrypto() === undefined) {
      const roomId = event.getRoomId() ?? '';
      const what = `${roomId} is encrypted, and the client has no keys to read it with`;
      this.#options.onTrouble({ code: 'encryption-unavailable', what, about: roomId });
      return false;
    }
    await this.#client.decryptEventIfNeeded(event);
    if (!event.isDecryptionFailure()) return true;
    const decrypted = untilDecrypted(event);
    if (this.#mayWait(event) && (await settlesWithin(KEY_ON_ITS_WAY_MS, decrypted))) return true;
    this.#options.onTrouble(undecryptable(event));
    void decrypted.then(() => this.#options.onLate(event));
    return false;
  }

  /** A key that has not come for one message is not waited for at each of them. */
  #mayWait(event: MatrixEvent): boolean {
    const session: unknown = event.getWireContent()['session_id'];
    if (!mayCome.includes(event.decryptionFailureReason) || this.#waitedFor.has(session)) return false;
    this.#waitedFor.add(session);
    return true;
  }
}

function undecryptable(event: MatrixEvent): ClientTrouble {
  const roomId = event.getRoomId() ?? '';
  const why = event.decryptionFailureReason ?? 'the SDK does not say why';
  const what = `${event.getId() ?? ''} of ${event.getSender() ?? ''} in ${roomId} cannot be decrypted: ${why}`;
  return { code: 'undecryptable', what, about: `${roomId} ${why}` };
}

function untilDecrypted(event: MatrixEvent): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (event.isDecryptionFailure()) return;
      event.off(MatrixEventEvent.Decrypted, check);
      resolve();
    };
    event.on(MatrixEventEvent.Decrypted, check);
  });
}
