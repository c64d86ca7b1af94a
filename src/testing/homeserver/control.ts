import type { Server } from 'node:http';
import type { LoginNames } from './accounts/accounts.ts';
import { type OAuthControl, oauthControl } from './oauth/control.ts';
import type { HomeserverRequest } from './requests.ts';
import type { TestHomeserver } from './test-homeserver.ts';
import type { World } from './world.ts';

/** The face of a running test homeserver towards the test. */
export class Control implements TestHomeserver {
  readonly #world: World;
  readonly #server: Server;

  constructor(world: World, server: Server) {
    this.#world = world;
    this.#server = server;
  }

  get url(): string {
    return this.#world.url;
  }

  get serverName(): string {
    return this.#world.options.serverName;
  }

  get oauth(): OAuthControl {
    const { oauth } = this.#world;
    if (oauth === null) {
      throw new Error('This test homeserver has no OAuth 2.0 server: start it with the option oauth: true.');
    }
    return oauthControl(this.#world, oauth);
  }

  get requests(): readonly HomeserverRequest[] {
    return this.#world.requests;
  }

  get refreshes(): number {
    return this.#world.counts.refreshes;
  }

  get logins(): number {
    return this.#world.counts.logins;
  }

  createUser(localpart: string, password: string, names?: LoginNames): { readonly userId: string } {
    return { userId: this.#world.accounts.create(localpart, password, names).userId };
  }

  issueLoginToken(userId: string): string {
    return this.#world.loginTokens.issue(this.#world.accounts.get(userId).userId);
  }

  devices(userId: string): string[] {
    return [...this.#world.accounts.get(userId).devices.keys()];
  }

  deleteDevice(userId: string, deviceId: string): void {
    this.#world.deleteDevice(userId, deviceId);
  }

  setPassword(userId: string, password: string, options: { readonly logoutDevices?: boolean } = {}): void {
    this.#world.accounts.get(userId).password = password;
    if (options.logoutDevices ?? true) this.#world.deleteAllDevices(userId);
  }

  setLocked(userId: string, locked: boolean): void {
    this.#world.accounts.get(userId).locked = locked;
  }

  setSuspended(userId: string, suspended: boolean): void {
    this.#world.accounts.get(userId).suspended = suspended;
  }

  deactivate(userId: string): void {
    this.#world.accounts.get(userId).password = null;
    this.#world.deleteAllDevices(userId);
  }

  setAccessTokenLifetimeMs(lifetimeMs: number): void {
    this.#world.sessions.accessTokenLifetimeMs = lifetimeMs;
  }

  expireTokens(userId?: string): void {
    this.#world.sessions.expireAll(userId);
  }

  revokeSession(userId: string, deviceId?: string, options: { readonly keepDevice?: boolean } = {}): void {
    if (options.keepDevice ?? true) this.#world.sessions.end(userId, deviceId);
    else if (deviceId === undefined) this.#world.deleteAllDevices(userId);
    else this.#world.deleteDevice(userId, deviceId);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
