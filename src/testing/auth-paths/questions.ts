import { randomBytes } from 'node:crypto';
import type { BotMessage, BotUnderTest } from './bot.ts';
import type { TestEnvironment } from './environment.ts';
import type { Asked } from './trace.ts';

/** How one talks to the bot. */
type Manner = Pick<BotUnderTest, 'question' | 'isAnswer' | 'probe'>;

interface Question {
  readonly when: string;
  readonly unanswered: boolean;
  readonly id: string;
  readonly text: string;
  readonly eventId: string;
  /** Set by a probe. */
  answered: boolean;
  readonly over: Promise<void>;
}

/** How long one look for answers may last: the end of the bot is noticed between two of them. */
const LOOK_MS = 500;

/** What is said to the bot, and what it answers. */
export class Questions {
  readonly #environment: TestEnvironment;
  readonly #bot: Manner;
  readonly #patienceMs: number;
  readonly #questions: Question[] = [];
  readonly #isOver: () => boolean;

  /** @param isOver Whether there is nothing more to wait for, because the bot has ended. */
  constructor(environment: TestEnvironment, bot: Manner, patienceMs: number, isOver: () => boolean) {
    this.#environment = environment;
    this.#bot = bot;
    this.#patienceMs = patienceMs;
    this.#isOver = isOver;
  }

  get asked(): Asked[] {
    return this.#questions.map((question) => ({
      when: question.when,
      unanswered: question.unanswered,
      answers: this.#answersTo(question),
    }));
  }

  async say(when: string, unanswered = false): Promise<void> {
    const { user, roomId } = this.#environment;
    const id = randomBytes(4).toString('hex');
    const text = this.#bot.question?.(id) ?? `Are you there? (${id})`;
    if (this.#bot.probe === undefined) {
      const eventId = await user.say(roomId, text);
      this.#questions.push({ when, unanswered, id, text, eventId, answered: false, over: Promise.resolve() });
      return;
    }
    const probed = this.#probe(this.#bot.probe);
    const question: Question = {
      ...{ when, unanswered, id, text, eventId: '', answered: false },
      over: probed.then((answered) => {
        question.answered = answered;
      }),
    };
    this.#questions.push(question);
  }

  /** Waits until everything that was said, from the message with the number `from` on, is answered; says whether it was. */
  async answered({ patienceMs = this.#patienceMs, from = 0 } = {}): Promise<boolean> {
    const until = Date.now() + patienceMs;
    const open = () =>
      this.#questions
        .slice(from)
        .filter((question) => !question.unanswered && this.#answersTo(question) === 0);
    if (this.#bot.probe !== undefined) await Promise.all(open().map(({ over }) => over));
    for (;;) {
      if (open().length === 0) return true;
      const leftMs = until - Date.now();
      if (leftMs <= 0 || this.#isOver() || this.#bot.probe !== undefined) return false;
      await this.#environment.user.listen(Math.min(leftMs, LOOK_MS));
    }
  }

  /** Takes in what the bot says for so long. */
  async listenFor(ms: number): Promise<void> {
    const until = Date.now() + ms;
    for (let leftMs = ms; leftMs > 0; leftMs = until - Date.now()) {
      await this.#environment.user.listen(Math.min(leftMs, LOOK_MS));
    }
  }

  #answersTo(question: Question): number {
    if (this.#bot.probe !== undefined) return question.answered ? 1 : 0;
    const { account, user } = this.#environment;
    const isAnswer = this.#bot.isAnswer ?? holdsOrReplies;
    return user.messages.filter((message) => message.sender === account.userId && isAnswer(message, question))
      .length;
  }

  #probe(probe: NonNullable<Manner['probe']>): Promise<boolean> {
    const { account, homeserver, user, roomId } = this.#environment;
    const signal = AbortSignal.timeout(this.#patienceMs);
    const gaveUp = new Promise<boolean>((resolve) => {
      signal.addEventListener('abort', () => resolve(false), { once: true });
    });
    const context = {
      homeserverUrl: homeserver.url,
      roomId,
      botUserId: account.userId,
      userId: user.userId,
      accessToken: user.accessToken,
      signal,
    };
    const probed = Promise.resolve(probe(context)).then(
      () => true,
      () => false,
    );
    return Promise.race([probed, gaveUp]);
  }
}

function holdsOrReplies(message: BotMessage, { text, eventId }: Question): boolean {
  return message.inReplyTo === eventId || message.body.includes(text);
}
