import { meaningOf, type Rejection } from '../../../machines/auth/index.ts';
import type { Answer, SignIn, SignInContext, TokenGrant } from '../../../ports/index.ts';
import { expectedAccount } from '../shared/index.ts';
import { approveInBrowser, OTHER_ISSUER } from './browser-grant.ts';
import type { Reach } from './call.ts';
import { askForCode, endsCode, isOver, type PendingCode, waitForApproval } from './device-grant.ts';
import { type AuthMetadata, MetadataCache } from './metadata.ts';
import { type GrantType, registerClient } from './registration.ts';
import { KIND, oauthRenewal, renewalData, revoke } from './renewal.ts';
import { canBeAskedFor, deviceIn, prefixesFor, scopeFor } from './scope.ts';
import type { TokenAnswer } from './token-answer.ts';
import { OAuthWords } from './words.ts';

export interface OAuthOptions {
  /**
   * How a person approves. `device`: by a link and a code, on any device. `browser`: in a browser on this computer. Default:
   * `device` where the server has it.
   */
  readonly grant?: GrantType;
  /** Whose account it has to be, if that is to be checked: `bot`, `@bot` or `@bot:server`. */
  readonly username?: string;
  /** What the person is shown as the name of the program. Default: the option `deviceDisplayName` of `createMatrixAuth`. */
  readonly clientName?: string;
  /** A page about the program, with `https`: servers want to know one. Default: that of this package. */
  readonly clientUri?: string;
  /** The id of a client that is registered already. Default: the program registers itself. */
  readonly clientId?: string;
  /** The port of this computer to which a browser is sent back, such as one that is forwarded. Default: a free one. */
  readonly port?: number;
  /** The device to sign in on. Default: that of the stored session, else one derived from the session's name. */
  readonly deviceId?: string;
}

const PAGE = 'https://www.npmjs.com/package/matrix-auth-machine';

/**
 * Signs in by OAuth 2.0, as matrix.org and every homeserver behind the Matrix Authentication Service want it: a person
 * approves once, and the session is renewed by its refresh token from then on.
 */
export function oauth(options: OAuthOptions = {}): SignIn {
  return new OAuthSignIn(options);
}

class OAuthSignIn implements SignIn {
  readonly kind = KIND;
  readonly reusable = true;
  readonly attended = true;
  readonly account?: NonNullable<SignIn['account']>;
  readonly deviceId?: string;
  readonly renewal;
  readonly #options: OAuthOptions;
  readonly #metadata = new MetadataCache();
  readonly #words = new OAuthWords();
  /** A sign-in that was interrupted goes on with the same client, and with the code that a person may be about to approve. */
  #client: { readonly issuer: string; readonly grant: GrantType; readonly clientId: string } | undefined;
  #pending: PendingCode | undefined;

  constructor(options: OAuthOptions) {
    this.#options = options;
    this.renewal = oauthRenewal(this.#metadata);
    if (options.username !== undefined) this.account = expectedAccount(options.username);
    if (options.deviceId !== undefined) this.deviceId = options.deviceId;
  }

  get advice() {
    return this.#words.advice;
  }

  async begin(context: SignInContext): Promise<Answer<TokenGrant>> {
    this.#words.clear();
    if (!canBeAskedFor(context.deviceId))
      return this.#refused('device', { status: 0, errcode: 'invalid_scope' });
    const reach: Reach = { ...context, endpoint: 'login' };
    const metadata = await this.#metadata.get(reach);
    if (!metadata.ok) return metadata;
    const grant = this.#grantFor(metadata.value);
    if (grant === undefined) return this.#unsupported(this.#options.grant ?? 'api');
    for (const prefix of prefixesFor(metadata.value)) {
      const answer = await this.#approval(
        metadata.value,
        grant,
        scopeFor(prefix, context.deviceId),
        context,
        reach,
      );
      if (answer.ok) return this.#accepted(answer.value, metadata.value, context, reach);
      if (answer.rejection.errcode !== 'invalid_scope') return this.#understood(answer.rejection);
    }
    return this.#refused('scope', { status: 400, errcode: 'invalid_scope' });
  }

  #grantFor(metadata: AuthMetadata): GrantType | undefined {
    const has = {
      device: metadata.device_authorization_endpoint !== undefined,
      browser: metadata.authorization_endpoint !== undefined,
    };
    const grant = this.#options.grant ?? (has.device ? 'device' : 'browser');
    return has[grant] ? grant : undefined;
  }

  /** A client that the server has forgotten is registered anew, once. */
  async #approval(
    metadata: AuthMetadata,
    grant: GrantType,
    scope: string,
    context: SignInContext,
    reach: Reach,
  ): Promise<Answer<TokenAnswer>> {
    for (let tries = 1; ; tries += 1) {
      const clientId = await this.#clientFor(metadata, grant, context, reach);
      if (!clientId.ok) return clientId;
      const answer =
        grant === 'device'
          ? await this.#byCode(metadata, clientId.value, scope, context, reach)
          : await approveInBrowser({
              ...{ as: metadata, clientId: clientId.value, scope, reach },
              port: this.#options.port ?? 0,
              ask: (request) => context.ask(request),
            });
      const isForgotten = !answer.ok && answer.rejection.errcode === 'invalid_client';
      if (isForgotten) this.#client = undefined;
      if (!isForgotten || tries === 2 || this.#options.clientId !== undefined) return answer;
    }
  }

  async #clientFor(
    metadata: AuthMetadata,
    grant: GrantType,
    context: SignInContext,
    reach: Reach,
  ): Promise<Answer<string>> {
    const { clientId, clientName = context.deviceDisplayName, clientUri = PAGE } = this.#options;
    if (clientId !== undefined) return { ok: true, value: clientId };
    const { issuer } = metadata;
    if (this.#client?.issuer === issuer && this.#client.grant === grant) {
      return { ok: true, value: this.#client.clientId };
    }
    const registered = await registerClient(metadata, grant, { clientName, clientUri }, reach);
    if (registered.ok) this.#client = { issuer, grant, clientId: registered.value };
    else if (metadata.registration_endpoint === undefined) return this.#unsupported('registration');
    else if (meaningOf(registered.rejection) === 'login-refused')
      this.#words.registrationRefused(registered.rejection);
    return registered;
  }

  /** Another code takes the place of one that has run out, for as long as somebody waits. */
  async #byCode(
    metadata: AuthMetadata,
    clientId: string,
    scope: string,
    context: SignInContext,
    reach: Reach,
  ): Promise<Answer<TokenAnswer>> {
    for (;;) {
      if (!isGood(this.#pending, clientId, scope)) {
        const code = await askForCode(metadata, clientId, scope, reach);
        if (!code.ok) return code;
        this.#pending = code.value;
        context.ask(code.value.request);
      }
      const answer = await waitForApproval(metadata, this.#pending as PendingCode, reach);
      if (answer === 'expired' || answer.ok || endsCode(answer.rejection)) this.#pending = undefined;
      if (answer !== 'expired') return answer;
    }
  }

  /** Whoever has approved: is it the right account? */
  async #accepted(
    { scope, ...grant }: TokenAnswer,
    metadata: AuthMetadata,
    context: SignInContext,
    reach: Reach,
  ): Promise<Answer<TokenGrant>> {
    const clientId = this.#options.clientId ?? this.#client?.clientId ?? '';
    // The next sign-in is another flow, for which a client is registered anew (specification, "Client registration").
    this.#client = undefined;
    const renewal = renewalData(clientId, metadata);
    const whoami = await context.homeserver.whoami(grant.accessToken, { signal: context.signal });
    const { userId, deviceId = deviceIn(scope) ?? context.deviceId } = whoami.ok ? whoami.value : {};
    if (userId !== undefined && !this.#isExpected(userId, context)) {
      const token = grant.refreshToken ?? grant.accessToken;
      await revoke(token.reveal(), metadata, renewal, { ...reach, endpoint: 'other' });
      this.#words.otherUser(userId, context.userId ?? this.#options.username ?? '');
      return this.#refused('other-user', { status: 200 });
    }
    return {
      ok: true,
      value: { ...grant, kind: KIND, renewal, deviceId, ...(userId === undefined ? {} : { userId }) },
    };
  }

  #isExpected(userId: string, context: SignInContext): boolean {
    return (context.userId ?? userId) === userId && this.account?.isUser(userId) !== false;
  }

  #understood(rejection: Rejection): Answer<TokenGrant> {
    const { errcode, detail } = rejection;
    const meaning = meaningOf(rejection);
    if (errcode === OTHER_ISSUER && detail !== undefined) this.#words.otherIssuer(detail.what);
    else if (meaning === 'login-refused') this.#words.refused(errcode);
    else if (meaning === 'unsupported' && errcode !== undefined) this.#words.missing('permission');
    return { ok: false, rejection };
  }

  #unsupported(what: Parameters<OAuthWords['missing']>[0]): Refused {
    this.#words.missing(what);
    return { ok: false, rejection: { endpoint: 'login', status: 0, meaning: 'unsupported' } };
  }

  #refused(
    why: string,
    { status, errcode }: { readonly status: number; readonly errcode?: string },
  ): Answer<TokenGrant> {
    this.#words.refused(errcode ?? why);
    return {
      ok: false,
      rejection: {
        endpoint: 'login',
        status,
        ...(errcode === undefined ? {} : { errcode }),
        meaning: 'login-refused',
      },
    };
  }
}

function isGood(pending: PendingCode | undefined, clientId: string, scope: string): boolean {
  return pending?.clientId === clientId && pending.scope === scope && !isOver(pending);
}

interface Refused {
  readonly ok: false;
  readonly rejection: Rejection;
}
