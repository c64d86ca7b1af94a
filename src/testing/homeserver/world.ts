import { AccountData } from './accounts/account-data.ts';
import { Accounts } from './accounts/accounts.ts';
import { DeviceKeys } from './accounts/device-keys.ts';
import { InteractiveAuth } from './accounts/interactive-auth.ts';
import { LoginTokens } from './accounts/login-tokens.ts';
import { Sessions } from './accounts/sessions.ts';
import { OAuthServer } from './oauth/oauth-server.ts';
import type { ResolvedOptions } from './options.ts';
import { RateLimiter } from './rate-limit.ts';
import type { HomeserverRequest } from './requests.ts';
import { Rooms } from './rooms/rooms.ts';
import { Filters } from './sync/filters.ts';
import { SentMembers } from './sync/sent-members.ts';
import { Stream } from './sync/stream.ts';
import { SyncCache } from './sync/sync-cache.ts';

/** Everything the test homeserver knows. */
export class World {
  readonly options: ResolvedOptions;
  readonly stream = new Stream();
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly loginTokens: LoginTokens;
  /** `null`: there is none. */
  readonly oauth: OAuthServer | null;
  readonly rooms: Rooms;
  readonly accountData: AccountData;
  readonly filters = new Filters();
  readonly syncCache: SyncCache;
  readonly sentMembers = new SentMembers();
  readonly deviceKeys = new DeviceKeys();
  readonly interactiveAuth = new InteractiveAuth();
  readonly loginLimit: RateLimiter;
  readonly refreshLimit: RateLimiter;
  readonly messageLimit: RateLimiter;
  /** Synapse gives each user one login token a minute, whatever its configuration says. */
  readonly loginTokenLimit: RateLimiter;
  /** Event ids by sender, device, room and transaction id. */
  readonly transactions = new Map<string, string>();
  readonly requests: HomeserverRequest[] = [];
  /** Successful refreshes and logins. */
  readonly counts = { refreshes: 0, logins: 0 };
  /** Base URL, known once the server listens. */
  url = '';

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.accounts = new Accounts(options.serverName);
    this.sessions = new Sessions(options.accessTokenLifetimeMs, options);
    this.oauth = options.oauth === null ? null : new OAuthServer(options.oauth, options.now);
    this.loginTokens = new LoginTokens(options.now);
    this.rooms = new Rooms(options.serverName, this.stream, options.now);
    this.accountData = new AccountData(this.stream);
    this.syncCache = new SyncCache(options.now);
    this.loginLimit = new RateLimiter(options.loginRateLimit, options.now);
    this.loginTokenLimit = new RateLimiter({ perSecond: 1 / 60, burst: 1 }, options.now);
    this.refreshLimit = new RateLimiter(options.refreshRateLimit, options.now);
    this.messageLimit = new RateLimiter(options.messageRateLimit, options.now);
  }

  now(): number {
    return this.options.now();
  }

  /** The devices of the user are others than before: those in a room with them are told by `/sync`. */
  devicesChanged(userId: string): void {
    this.accounts.get(userId).devicesChangedAt = this.stream.advance();
    this.stream.notify(this.rooms.sharingWith(userId));
  }

  /** The device goes, and every session on it. */
  deleteDevice(userId: string, deviceId: string): void {
    this.sessions.end(userId, deviceId);
    this.deviceKeys.forget(userId, deviceId);
    if (this.accounts.get(userId).devices.delete(deviceId)) this.devicesChanged(userId);
  }

  /** All devices and sessions of the user go. */
  deleteAllDevices(userId: string): void {
    for (const deviceId of this.accounts.get(userId).devices.keys()) this.deleteDevice(userId, deviceId);
    this.sessions.end(userId);
  }
}
