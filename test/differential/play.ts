import { setTimeout as delay } from 'node:timers/promises';
import { canaryPassword, freshUser } from '../support/both.ts';
import type { RunningHomeserver } from '../support/homeserver.ts';
import type { Ask, Script, Step } from './script.ts';
import { type Shape, shapeOf } from './shape.ts';

/** What a step was answered with, as far as it is compared. */
export interface Answered {
  /** The request as the script has it. */
  readonly step: string;
  readonly status: number;
  readonly errcode: unknown;
  readonly softLogout: unknown;
  readonly contentType: string;
  /** Whether the answer says how long to wait. */
  readonly retryAfter: boolean;
  readonly body: Shape;
}

const ASK_AGAIN_MS = 30;
const ASK_AT_MOST = 300;

/** Plays a script to a homeserver, and gives the answers in the order of the steps. */
export async function play(script: Script, homeserver: RunningHomeserver): Promise<Answered[]> {
  return await new Player(homeserver).play(script);
}

class Player {
  readonly #homeserver: RunningHomeserver;
  readonly #kept = new Map<string, string>();

  constructor(homeserver: RunningHomeserver) {
    this.#homeserver = homeserver;
  }

  async play({ accounts = ['bot'], steps }: Script): Promise<Answered[]> {
    for (const account of accounts) {
      const user = await freshUser(this.#homeserver);
      this.#kept.set(account, user.localpart);
      this.#kept.set(`${account}.id`, user.userId);
      this.#kept.set(`${account}.password`, user.password);
    }
    const answers: Answered[] = [];
    for (const step of steps) answers.push(...(await this.#take(step)));
    return answers;
  }

  async #take(step: Step): Promise<Answered[]> {
    if ('admin' in step) {
      await this.#administer(step);
      return [];
    }
    if ('together' in step) {
      const answers = await Promise.all(step.together.map((ask) => this.#ask(ask)));
      return answers.toSorted((a, b) => a.status - b.status);
    }
    let answer = await this.#ask(step);
    if (!('whileAnswered' in step)) return [answer];
    for (let count = 1; answer.status === step.whileAnswered; count += 1) {
      if (count === ASK_AT_MOST) throw new Error(`${step.ask} is still answered with ${answer.status}.`);
      await delay(ASK_AGAIN_MS);
      answer = await this.#ask(step);
    }
    return [answer];
  }

  async #ask({ ask, as, authorization, body, keep = {}, note }: Ask): Promise<Answered> {
    const [method, path = ''] = ask.split(' ');
    const sent = this.#fill(path, encodeURIComponent);
    const url = /^\/(_matrix|\.well-known)\//.test(sent) ? sent : `/_matrix/client/v3${sent}`;
    const header = authorization ?? (as === undefined ? undefined : `Bearer ${this.#fill(as)}`);
    const response = await fetch(`${this.#homeserver.url}${url}`, {
      method: method ?? 'GET',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(header === undefined ? {} : { authorization: header }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : this.#fill(JSON.stringify(body)) }),
    });
    const text = await response.text();
    const json: unknown = response.headers.get('content-type')?.startsWith('application/json')
      ? JSON.parse(text)
      : text;
    for (const [name, key] of Object.entries(keep)) {
      const value = key.split('.').reduce(at, json);
      if (typeof value === 'string') this.#kept.set(name, value);
    }
    return {
      step: note === undefined ? ask : `${ask} (${note})`,
      status: response.status,
      errcode: at(json, 'errcode'),
      softLogout: at(json, 'soft_logout'),
      contentType: (response.headers.get('content-type') ?? '').replace(/;.*/, ''),
      retryAfter: response.headers.has('retry-after'),
      body: shapeOf(json, (key) => this.#nameOf(key)),
    };
  }

  async #administer(step: Extract<Step, { admin: string }>): Promise<void> {
    const userId = this.#value(`${step.account}.id`);
    switch (step.admin) {
      case 'lock':
      case 'unlock':
        await this.#homeserver.setLocked(userId, step.admin === 'lock');
        break;
      case 'suspend':
      case 'unsuspend':
        await this.#homeserver.setSuspended(userId, step.admin === 'suspend');
        break;
      case 'deactivate':
        await this.#homeserver.deactivate(userId);
        break;
      case 'delete device':
        await this.#homeserver.deleteDevice(userId, step.device);
        break;
      case 'reset password':
      case 'reset password, keep devices': {
        const password = canaryPassword();
        await this.#homeserver.setPassword(userId, password, {
          logoutDevices: step.admin === 'reset password',
        });
        this.#kept.set(`${step.account}.password`, password);
      }
    }
  }

  #fill(text: string, encode: (value: string) => string = (value) => value): string {
    return text.replace(/\{([a-zA-Z][\w.]*)\}/g, (_, name: string) => encode(this.#value(name)));
  }

  #value(name: string): string {
    const value = this.#kept.get(name);
    if (value === undefined) throw new Error(`No step has kept {${name}} on ${this.#homeserver.label}.`);
    return value;
  }

  /** A key that is a value of this run goes by the name that the script has for it. */
  #nameOf(key: string): string {
    if (/^[!@$#]/.test(key)) return key;
    return [...this.#kept].find(([, value]) => value === key)?.[0] ?? key;
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
