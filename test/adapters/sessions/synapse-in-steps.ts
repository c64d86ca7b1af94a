import { setImmediate } from 'node:timers/promises';
import type { Answer, Secret, TokenGrant } from '../../../src/ports/index.ts';
import { granted } from './keeper-fixtures.ts';

/** What waits to go on: one step of somebody's work, one after the other, in an order that a test chooses. */
export class Steps {
  readonly #waiting: (() => void)[] = [];
  /** Whether steps wait to be chosen. If not, they go on at once. */
  chosen = false;

  async step(): Promise<void> {
    if (this.chosen) await new Promise<void>((go) => this.#waiting.push(go));
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets this one go on, until it waits for its next step or has come to its end. */
  async go(index: number): Promise<void> {
    const [go] = this.#waiting.splice(index, 1);
    go?.();
    await setImmediate();
  }
}

interface Row {
  readonly id: number;
  used: boolean;
  next: Row | undefined;
}

type Refusal = Extract<Answer<TokenGrant>, { readonly ok: false }>;
const refusal = (status: number, errcode: string): Refusal => ({
  ok: false,
  rejection: { endpoint: 'refresh', status, errcode },
});

/**
 * How Synapse 1.160 exchanges refresh tokens (`handlers/auth.py`, `storage/databases/main/registration.py`), with others
 * coming in wherever it waits for its database. Pair 1 is there; the refresh token of pair n is `refresh-n`.
 */
export class SynapseInSteps {
  readonly #steps: Steps;
  readonly #rows: Row[] = [{ id: 1, used: true, next: undefined }];
  #issued = 1;

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  async refresh(token: Secret): Promise<Answer<TokenGrant>> {
    await this.#steps.step();
    const row = this.#find(token);
    if (row === undefined) return refusal(401, 'M_UNKNOWN_TOKEN');
    if (row.next !== undefined && (row.next.used || row.next.next !== undefined)) {
      return refusal(403, 'M_FORBIDDEN');
    }
    await this.#steps.step();
    if (!this.#rows.includes(row)) return refusal(404, 'M_UNKNOWN');
    this.#issued += 1;
    const next: Row = { id: this.#issued, used: false, next: undefined };
    this.#delete(row.next);
    row.next = next;
    this.#delete(this.#rows.find((other) => other.next === row));
    this.#rows.push(next);
    return granted(next.id);
  }

  /** Whether the access token of this pair is taken. */
  async use(token: Secret): Promise<boolean> {
    await this.#steps.step();
    const row = this.#find(token);
    if (row !== undefined) row.used = true;
    return row !== undefined;
  }

  #find(token: Secret): Row | undefined {
    return this.#rows.find(({ id }) => token.reveal().endsWith(`-${id}`));
  }

  #delete(row: Row | undefined): void {
    if (row !== undefined && this.#rows.includes(row)) this.#rows.splice(this.#rows.indexOf(row), 1);
  }
}
