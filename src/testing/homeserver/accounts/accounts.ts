import { randomLetters } from './token-strings.ts';

export interface Device {
  readonly deviceId: string;
  displayName: string | null;
  lastSeenTs: number | null;
}

export interface Account {
  readonly userId: string;
  readonly localpart: string;
  /** `null`: it has none, or is deactivated. */
  password: string | null;
  locked: boolean;
  suspended: boolean;
  displayName: string | null;
  avatarUrl: string | null;
  readonly devices: Map<string, Device>;
  /** Position in the stream of the last change of the devices. */
  devicesChangedAt: number;
}

/** How else an account can be named at a login. */
export interface LoginNames {
  /** Names that are not the localpart, as a directory (LDAP) maps them to it: `First.Last`. */
  readonly names?: readonly string[];
  /** E-mail addresses, for `m.id.thirdparty`. */
  readonly emails?: readonly string[];
  /** Phone numbers with their country code and without `+`, for `m.id.thirdparty`. */
  readonly phones?: readonly string[];
}

const LOCALPART = /^[a-z0-9._=/+-]+$/;

/** The accounts, by user id. */
export class Accounts {
  readonly serverName: string;
  readonly #accounts = new Map<string, Account>();
  /** User ids by what else names them at a login. */
  readonly #named = new Map<string, string>();

  constructor(serverName: string) {
    this.serverName = serverName;
  }

  create(localpart: string, password: string | null, { names, emails, phones }: LoginNames = {}): Account {
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
    for (const name of names ?? []) this.#named.set(`name ${name}`, userId);
    for (const email of emails ?? []) this.#named.set(`email ${email.toLowerCase()}`, userId);
    for (const phone of phones ?? []) this.#named.set(`msisdn ${phone}`, userId);
    return account;
  }

  /** The account that a login's `user` means: a user id, a localpart in any case, or another name that was given to it. */
  byLoginName(user: string): Account | undefined {
    return this.find(this.#named.get(`name ${user}`) ?? this.qualify(user).toLowerCase());
  }

  /** The account that an e-mail address (in lower case) or a phone number belongs to. */
  byThirdParty(medium: string, address: string): Account | undefined {
    return this.find(this.#named.get(`${medium} ${address}`) ?? '');
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
