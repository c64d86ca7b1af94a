/** The last `size` values, by their numbers; the first value has the number 1. */
export class RingBuffer<T> {
  readonly #values: T[] = [];
  readonly #size: number;
  #last = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The number of the newest value; 0 where there is none. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest value that is kept. */
  get first(): number {
    return Math.max(1, this.#last - this.#size + 1);
  }

  push(value: T): void {
    this.#values[this.#last % this.#size] = value;
    this.#last += 1;
  }

  /** The value with this number, if it is kept. */
  at(number: number): T | undefined {
    return number < this.first || number > this.#last ? undefined : this.#values[(number - 1) % this.#size];
  }

  /** The values after this number, oldest first. */
  after(number: number): T[] {
    const values: T[] = [];
    for (let next = Math.max(number + 1, this.first); next <= this.#last; next += 1) {
      const value = this.at(next);
      if (value !== undefined) values.push(value);
    }
    return values;
  }
}
