import { randomLetters } from './token-strings.ts';

export interface Device {
  readonly deviceId: string;
  displayName: string | null;
  lastSeenTs: number | null;
}

export interface Account {
  readonly userId: string;
  readonly localpart: string;
  /** `null` once the account is deactivated. */
  password: string | null;
  locked: boolean;
  suspended: boolean;
  displayName: string | null;
  avatarUrl: string | null;
  readonly devices: Map<string, Device>;
  /** Position in the stream of the last change of the devices. */
  devicesChangedAt: number;
}

const LOCALPART = /^[a-z0-9._=/+-]+$/;

/** The accounts, by user id. */
export class Accounts {
  readonly serverName: string;
  readonly #accounts = new Map<string, Account>();

  constructor(serverName: string) {
    this.serverName = serverName;
  }

  create(localpart: string, password: string): Account {
    if (!LOCALPART.test(localpart)) {
      throw new TypeError(
        `"${localpart}" is not a localpart. Use lower-case letters, digits and ._=-/+ only, without "@" and server name.`,
      );
    }
    const userId = `@${localpart}:${this.serverName}`;
    if (this.#accounts.has(userId)) {
      throw new Error(`The account ${userId} exists already. Use another localpart, or setPassword.`);
    }
    const account: Account = {
      userId,
      localpart,
      password,
      locked: false,
      suspended: false,
      displayName: localpart,
      avatarUrl: null,
      devices: new Map(),
      devicesChangedAt: 0,
    };
    this.#accounts.set(userId, account);
    return account;
  }

  /** The account, by user id. */
  find(userId: string): Account | undefined {
    return this.#accounts.get(userId);
  }

  /** @throws Error if there is no such account. */
  get(userId: string): Account {
    const account = this.#accounts.get(userId);
    if (account === undefined) {
      throw new Error(
        `There is no account ${userId} on this test homeserver. Make it with createUser, and name it by its full user id.`,
      );
    }
    return account;
  }

  /** The user id meant by a login's `user`: a localpart or a full user id. */
  qualify(user: string): string {
    return user.startsWith('@') ? user : `@${user}:${this.serverName}`;
  }

  /** The device of this id; made if it is not there. Without an id, a new one. */
  openDevice(account: Account, deviceId: string | undefined, displayName: string | null): Device {
    const id = deviceId ?? randomLetters(10, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    let device = account.devices.get(id);
    if (device === undefined) {
      device = { deviceId: id, displayName, lastSeenTs: null };
      account.devices.set(id, device);
    }
    return device;
  }
}
