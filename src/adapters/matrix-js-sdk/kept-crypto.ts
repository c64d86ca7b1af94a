import type { MatrixClient } from 'matrix-js-sdk';
import type { ClientSession, CryptoDevice, CryptoStore, DeviceCrypto } from '../../ports/index.ts';

/** The keys of encrypted rooms, for one client after the other. They stay open as long as the device is the same. */
export class KeptCrypto {
  readonly #store: CryptoStore;
  #open: { readonly device: CryptoDevice; readonly crypto: Promise<DeviceCrypto> } | undefined;
  #session: ClientSession | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(store: CryptoStore) {
    this.#store = store;
  }

  /**
   * Opens the keys of the session's device. Those who had them before can write nothing any more.
   * @throws {SessionStoreError}
   */
  async openFor(session: ClientSession & CryptoDevice): Promise<DeviceCrypto> {
    const { userId, deviceId } = session;
    this.#session = session;
    const { device } = this.#open ?? {};
    if (device?.userId !== userId || device.deviceId !== deviceId) void this.close();
    await this.#closing;
    this.#open ??= { device: { userId, deviceId }, crypto: this.#begin({ userId, deviceId }) };
    const crypto = await this.#open.crypto;
    crypto.cutOff();
    return crypto;
  }

  /** Resolves when they are free for another process. Never rejects. */
  close(): Promise<void> {
    return this.letGo()();
  }

  /** Whoever opens them from now on, opens them anew: once the function that this returns was called, and has closed them. */
  letGo(): () => Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return () => this.#closing;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    this.#closing = Promise.all([this.#closing, closed]).then(() => undefined);
    return async () => {
      const crypto = await open.crypto.catch(() => undefined);
      await crypto?.close().catch(() => undefined);
      resolve();
    };
  }

  #begin(device: CryptoDevice): Promise<DeviceCrypto> {
    const crypto = this.#store.open(device, {
      onHeld: (why) => {
        if (why === undefined) return;
        const what = `the keys of encrypted rooms cannot be written, and the client waits: ${why}`;
        this.#session?.onTrouble?.({ code: 'crypto-store-away', what });
      },
    });
    crypto.catch(() => {
      if (this.#open?.crypto === crypto) this.#open = undefined;
    });
    return crypto;
  }
}

/** Gives the client its keys. */
export async function initCrypto(client: MatrixClient, crypto: DeviceCrypto): Promise<void> {
  const { databasePrefix: cryptoDatabasePrefix, storageKey } = crypto;
  await crypto.opening(() => client.initRustCrypto({ cryptoDatabasePrefix, storageKey }));
  // The SDK has begun this by itself. A client that is stopped meanwhile would have its answer meet keys that are closed,
  // in a promise that nobody handles; Node would end the process for that.
  await client
    .getCrypto()
    ?.checkKeyBackupAndEnable()
    .catch(() => undefined);
}
