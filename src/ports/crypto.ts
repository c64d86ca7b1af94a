import { SessionStoreError } from './sessions.ts';

/** Whose keys: encryption belongs to a device, not to a user. */
export interface CryptoDevice {
  readonly userId: string;
  readonly deviceId: string;
}

/** Where the keys of encrypted rooms lie, in a way that lasts. Keys are never deleted. */
export interface CryptoStore {
  /**
   * Opens the keys of a device, for this process alone, until they are closed.
   * @throws {SessionStoreError}; {@link CryptoInUseError} while another process has them open
   */
  open(device: CryptoDevice, options: CryptoOpenOptions): Promise<DeviceCrypto>;
}

export interface CryptoOpenOptions {
  /** What was to be written could not be, or can be written again. The client waits for it meanwhile. */
  readonly onHeld: (why: string | undefined) => void;
}

/** The keys of one device, open. */
export interface DeviceCrypto {
  /** What the client library is to call its databases. */
  readonly databasePrefix: string;
  /** What it is to encrypt them with. */
  readonly storageKey: Uint8Array;
  /** A client has been here before: there are keys. */
  readonly hasKeys: boolean;
  /** The body with which the device's public keys were uploaded last; `undefined` before that. */
  readonly uploadedKeys: string | undefined;
  /**
   * Keeps it, durably.
   * @throws {SessionStoreError}
   */
  saveUploadedKeys(body: string): void;
  /** Does what makes a client open its databases: they are found as `indexedDB` meanwhile. */
  opening<T>(work: () => Promise<T>): Promise<T>;
  /** Whoever has a database open can do nothing with it any more, and is not answered. */
  cutOff(): void;
  /** Resolves when nothing of it is open any more; another process may have it then. */
  close(): Promise<void>;
}

/** Another process has the keys of this device open. An Olm machine is not to be shared: its sessions would go back in time. */
export class CryptoInUseError extends SessionStoreError {
  constructor(message: string) {
    super(message, { permanent: false });
  }
}

/** The keys in the crypto store are not those that the homeserver has of this device. Nothing was sent, and nothing deleted. */
export class CryptoMismatchError extends Error {
  override readonly name = 'CryptoMismatchError';

  constructor({ userId, deviceId }: CryptoDevice, what: string) {
    super(`the homeserver has keys of the device ${deviceId} of ${userId}, and ${what}`);
  }
}
