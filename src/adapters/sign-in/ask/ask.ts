import { meaningOf } from '../../../machines/auth/index.ts';
import type {
  Answer,
  ExpectedAccount,
  SignIn,
  SignInAdvice,
  SignInContext,
  TokenGrant,
} from '../../../ports/index.ts';

/** How often a person may be mistaken before the way counts as refused: a homeserver limits logins. */
const TRIES = 3;

export interface Question {
  /** The homeserver's base URL. */
  readonly homeserver: string;
  /** What was given last was refused, for this reason. */
  readonly refused?: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

export interface AskOptions {
  /** What is said to whoever watches the bot. Default: that it waits for an answer. */
  readonly message?: string;
  /** Whose account it has to be, if that is to be checked. */
  readonly account?: ExpectedAccount;
  /** The device to log in on. Default: that of the stored session, else one derived from the account. */
  readonly deviceId?: string;
}

/**
 * Asks a person, each time: `answer` gives a way to sign in, such as `password({ … })`, or `undefined` if nobody answers.
 * It is asked again where that was refused, three times in all.
 * @example ask(async ({ signal }) => password({ username: 'bot', password: await prompt('Password: ', { signal }) }))
 */
export function ask(
  answer: (question: Question) => SignIn | undefined | Promise<SignIn | undefined>,
  { message = 'The bot has to be signed in, and waits for an answer.', account, deviceId }: AskOptions = {},
): SignIn {
  let lastAdvice: SignInAdvice | undefined;
  return {
    kind: 'ask',
    reusable: true,
    attended: true,
    ...(account === undefined ? {} : { account }),
    ...(deviceId === undefined ? {} : { deviceId }),
    get advice() {
      return lastAdvice ?? noAnswer;
    },
    async begin(context) {
      lastAdvice = undefined;
      let outcome: Answer<TokenGrant> = declined;
      context.ask({ message });
      for (let tries = 0; tries < TRIES; tries += 1) {
        const way = await asked(answer, context, lastAdvice);
        if (way === 'unreachable') return unavailable;
        if (way === undefined) return outcome;
        lastAdvice = way.advice;
        outcome = await way.begin(context);
        if (outcome.ok || meaningOf(outcome.rejection) !== 'login-refused') return outcome;
      }
      return outcome;
    },
  };
}

async function asked(
  answer: (question: Question) => SignIn | undefined | Promise<SignIn | undefined>,
  { homeserverUrl, signal }: SignInContext,
  refused: SignInAdvice | undefined,
): Promise<SignIn | undefined | 'unreachable'> {
  if (signal.aborted) return 'unreachable';
  const aborted = Promise.withResolvers<'unreachable'>();
  const abort = () => aborted.resolve('unreachable');
  signal.addEventListener('abort', abort, { once: true });
  const question = {
    homeserver: homeserverUrl,
    signal,
    ...(refused === undefined ? {} : { refused: refused.refused }),
  };
  try {
    return await Promise.race([Promise.resolve(question).then(answer), aborted.promise]);
  } catch {
    return 'unreachable';
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const noAnswer: SignInAdvice = {
  refused: 'Nobody answered when the bot asked to be signed in. Call retry() or restart to be asked again.',
  unsupported:
    'Nobody answered when the bot asked to be signed in. Call retry() or restart to be asked again.',
};

const declined: Answer<TokenGrant> = {
  ok: false,
  rejection: { endpoint: 'login', status: 0, meaning: 'login-refused' },
};

/** The callback threw, or nobody waits any more. */
const unavailable: Answer<TokenGrant> = {
  ok: false,
  rejection: {
    endpoint: 'login',
    status: 0,
    meaning: 'transient',
    detail: {
      code: 'secret-unavailable',
      what: 'the function that asks a person to sign the bot in threw an error',
    },
  },
};
