import { createHash, randomUUID } from 'node:crypto';
import { randomLetters } from '../accounts/token-strings.ts';
import type { ResolvedOAuth } from './options.ts';
import { invalidClient, invalidGrant, oauthError } from './oauth-error.ts';
import { deviceIn, prefixesOf } from './scope.ts';

interface Client {
  readonly clientId: string;
  readonly name: string;
  readonly grantTypes: readonly string[];
  readonly redirectUris: readonly string[];
}

/** What a person is asked to approve. */
export interface PendingSignIn {
  /** The code that the person is shown. */
  readonly userCode: string;
  readonly clientName: string;
  readonly deviceId: string;
}

interface DeviceGrant extends PendingSignIn {
  readonly deviceCode: string;
  readonly clientId: string;
  readonly scope: string;
  readonly until: number;
  /** Whether the person has decided: for this user, against it, or not yet. */
  decision: { readonly userId: string } | 'denied' | undefined;
  askedAt: number | undefined;
}

/** What a client asks a person's browser for (RFC 6749, section 4.1.1). */
export interface AuthorizationQuery {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string;
  readonly codeChallenge: string;
}

interface Code extends AuthorizationQuery {
  readonly userId: string;
  readonly until: number;
}

/** Who may have tokens now. */
export interface Granted {
  readonly userId: string;
  readonly deviceId: string;
  readonly clientId: string;
  readonly scope: string;
}

/** Clients, and what people were asked and have answered. The rules are those of matrix-authentication-service. */
export class OAuthServer {
  readonly options: ResolvedOAuth;
  readonly #now: () => number;
  readonly #clients = new Map<string, Client>();
  readonly #devices = new Map<string, DeviceGrant>();
  readonly #codes = new Map<string, Code>();
  /** Whether the homeserver cannot ask about tokens. */
  introspectionDown = false;
  /** Clients that were registered, those that were forgotten included. */
  registrations = 0;

  constructor(options: ResolvedOAuth, now: () => number) {
    this.options = options;
    this.#now = now;
  }

  register(client: Omit<Client, 'clientId'>): Client {
    const registered = { ...client, clientId: `01${randomLetters(24, 'ABCDEFGHJKMNPQRSTVWXYZ0123456789')}` };
    this.#clients.set(registered.clientId, registered);
    this.registrations += 1;
    return registered;
  }

  forgetClients(): void {
    this.#clients.clear();
  }

  /** @throws MatrixError 401 `invalid_client` */
  client(clientId: string | undefined): Client {
    const client = this.#clients.get(clientId ?? '');
    if (client === undefined) throw invalidClient();
    return client;
  }

  /** @throws MatrixError `invalid_client` or `invalid_scope` */
  askDevice(clientId: string | undefined, scope: string): DeviceGrant {
    const client = this.client(clientId);
    const grant: DeviceGrant = {
      deviceCode: randomLetters(32),
      userCode: randomLetters(6, 'ABCDEFGHJKLMNPQRSTUVWXYZ'),
      clientId: client.clientId,
      clientName: client.name,
      scope,
      deviceId: deviceIn(scope, prefixesOf[this.options.scopes]),
      until: this.#now() + this.options.deviceCodeLifetimeMs,
      decision: undefined,
      askedAt: undefined,
    };
    this.#devices.set(grant.deviceCode, grant);
    return grant;
  }

  /** The sign-ins that wait for a person. */
  get pending(): PendingSignIn[] {
    return [...this.#devices.values()]
      .filter(({ decision, until }) => decision === undefined && until > this.#now())
      .map(({ userCode, clientName, deviceId }) => ({ userCode, clientName, deviceId }));
  }

  /** @throws Error if no sign-in waits under this code */
  decide(userCode: string, decision: { readonly userId: string } | 'denied'): void {
    const grant = [...this.#devices.values()].find(
      (one) => one.userCode === userCode && one.decision === undefined && one.until > this.#now(),
    );
    if (grant === undefined) throw new Error(`No sign-in waits for a person under the code ${userCode}.`);
    grant.decision = decision;
  }

  /** The codes that wait for a person are good no longer. */
  expireDeviceCodes(): void {
    for (const [code, grant] of this.#devices) {
      if (grant.decision === undefined) this.#devices.set(code, { ...grant, until: this.#now() });
    }
  }

  /** @throws MatrixError 403 while nobody has approved, as on matrix-authentication-service */
  redeemDevice(clientId: string | undefined, deviceCode: string | undefined): Granted {
    const client = this.client(clientId);
    const grant = this.#devices.get(deviceCode ?? '');
    if (grant === undefined || grant.clientId !== client.clientId) throw invalidGrant();
    const now = this.#now();
    const hurried = grant.askedAt !== undefined && now - grant.askedAt < this.options.pollIntervalMs * 0.9;
    grant.askedAt = now;
    if (grant.decision === 'denied') throw oauthError(403, 'access_denied');
    if (grant.until <= now) throw oauthError(403, 'expired_token');
    if (grant.decision === undefined) throw oauthError(403, hurried ? 'slow_down' : 'authorization_pending');
    this.#devices.delete(grant.deviceCode);
    return { ...grant, userId: grant.decision.userId };
  }

  /** What a browser is asked with. @throws MatrixError if it is asked wrongly */
  checkQuery(query: AuthorizationQuery): { readonly clientName: string; readonly deviceId: string } {
    const client = this.client(query.clientId);
    if (!client.redirectUris.some((uri) => isSameBesidesPort(uri, query.redirectUri))) {
      throw oauthError(400, 'invalid_request', 'redirect_uri is not one that was registered');
    }
    if (query.codeChallenge === '' || query.state === '')
      throw oauthError(400, 'invalid_request', 'state and code_challenge (S256) are needed');
    return { clientName: client.name, deviceId: deviceIn(query.scope, prefixesOf[this.options.scopes]) };
  }

  issueCode(query: AuthorizationQuery, userId: string): string {
    const code = randomUUID();
    this.#codes.set(code, { ...query, userId, until: this.#now() + 60_000 });
    return code;
  }

  /** @throws MatrixError `invalid_client` or `invalid_grant` */
  redeemCode(given: {
    readonly clientId: string | undefined;
    readonly code: string | undefined;
    readonly redirectUri: string | undefined;
    readonly verifier: string | undefined;
  }): Granted {
    const client = this.client(given.clientId);
    const code = this.#codes.get(given.code ?? '');
    this.#codes.delete(given.code ?? '');
    const challenge = createHash('sha256')
      .update(given.verifier ?? '')
      .digest('base64url');
    if (
      code === undefined ||
      code.until <= this.#now() ||
      code.clientId !== client.clientId ||
      code.redirectUri !== given.redirectUri ||
      code.codeChallenge !== challenge
    ) {
      throw invalidGrant();
    }
    return { ...code, deviceId: deviceIn(code.scope, prefixesOf[this.options.scopes]) };
  }
}

/** A redirect to this computer may be to any port (RFC 8252, section 7.3). */
function isSameBesidesPort(registered: string, asked: string): boolean {
  const [one, other] = [URL.parse(registered), URL.parse(asked)];
  if (one === null || other === null) return false;
  if (['127.0.0.1', 'localhost', '[::1]'].includes(one.hostname)) other.port = one.port;
  return one.href === other.href;
}
