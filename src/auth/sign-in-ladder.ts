import { accessToken, password } from '../adapters/sign-in/index.ts';
import type { FailureReason } from '../machines/auth/index.ts';
import type { Credentials, ExpectedAccount, Renewal, SignIn } from '../ports/index.ts';

/** What to sign in with: credentials, one way to sign in, or several in the order in which they are tried. */
export type SignInOptions = Credentials | SignIn | readonly (Credentials | SignIn)[];

/** The ways to sign in, in their author's order. Each is used until it is refused, or once if it is good for once. */
export class SignInLadder {
  readonly #ways: readonly SignIn[];
  /** Used up: one-time ways that have succeeded, or that were refused. */
  readonly #consumed: SignIn[] = [];
  #refused: { readonly way: SignIn; readonly reason: FailureReason }[] = [];

  constructor(options: SignInOptions) {
    const ways = [options].flat().flatMap((option) => (isSignIn(option) ? [option] : waysOf(option)));
    // A copy has no room for more.
    this.#ways = [...ways];
    // A token that comes first is taken when the session is restored, and not as a way to sign in.
    const [first] = this.#ways;
    if (first?.given !== undefined) this.#consumed.push(first);
  }

  /** The tokens and the device that were given beforehand, as far as they come before any other way. */
  get given(): Credentials {
    const { deviceId } = this.#ways.find((way) => way.deviceId !== undefined) ?? {};
    return { ...this.#ways[0]?.given, ...(deviceId === undefined ? {} : { deviceId }) };
  }

  /** The way that is to be tried next; `undefined` where none is left. */
  get next(): SignIn | undefined {
    return this.#ways.find((way) => !this.#consumed.includes(way) && !this.#isRefused(way));
  }

  get #left(): readonly SignIn[] {
    return this.#ways.filter((way) => !this.#consumed.includes(way) && !this.#isRefused(way));
  }

  #isRefused(way: SignIn): boolean {
    return this.#refused.some((one) => one.way === way);
  }

  /** What the machine is told: whether the next way needs no person, and whether any that is left needs one. */
  get waysLeft(): { readonly canLogIn: boolean; readonly canAuthorize: boolean } {
    return { canLogIn: this.next?.attended === false, canAuthorize: this.#left.some((way) => way.attended) };
  }

  /** No way to sign in is left. */
  get isExhausted(): boolean {
    return this.next === undefined;
  }

  /** How the sessions of this kind are renewed. */
  renewalOf(kind: string): Renewal | undefined {
    return this.#ways.find(({ renewal }) => renewal?.kind === kind)?.renewal;
  }

  /** The accounts that are expected. */
  get accounts(): readonly ExpectedAccount[] {
    return this.#ways.flatMap(({ account }) => account ?? []);
  }

  /** Whether this user may be meant: by all that know whom they expect. */
  expects(userId: string): boolean {
    return this.accounts.every((account) => account.isUser(userId));
  }

  succeeded(way: SignIn): void {
    if (!way.reusable) this.#consumed.push(way);
  }

  refused(way: SignIn, reason: FailureReason): void {
    this.#refused.push({ way, reason });
    if (!way.reusable) this.#consumed.push(way);
  }

  /** What was refused may be tried once more: the session begins anew. */
  reset(): void {
    this.#refused = [];
  }

  /** What those that were refused for this reason say about it. */
  adviceFor(reason: FailureReason): string | undefined {
    const words = this.#refused
      .filter((one) => one.reason === reason)
      .map(({ way: { advice } }) => (reason === 'login-unsupported' ? advice.unsupported : advice.refused));
    return words.length === 0 ? undefined : words.join(' ');
  }
}

function waysOf({ accessToken: token, refreshToken, login, deviceId }: Credentials): SignIn[] {
  const device = deviceId === undefined ? {} : { deviceId };
  return [
    ...(token === undefined
      ? []
      : [accessToken({ token, ...(refreshToken === undefined ? {} : { refreshToken }), ...device })]),
    ...(login === undefined ? [] : [password({ ...login, ...device })]),
  ];
}

/** Whether these are ways to sign in, and not the options of credentials. */
export function isWays(given: object): given is SignIn | readonly SignIn[] {
  return Array.isArray(given) || isSignIn(given);
}

function isSignIn(option: object): option is SignIn {
  return 'begin' in option;
}
