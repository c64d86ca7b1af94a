import type { ISyncResponse } from 'matrix-js-sdk';
import { type Delivery, Progress, type Resumed } from '../sync/index.ts';
import { SyncArchive } from './archive.ts';

/** How far the sync has come, with the state of the rooms there. */
export class SdkProgress extends Progress {
  resumed: Resumed | undefined;
  #archive = new SyncArchive();
  #delivery: Delivery | undefined;

  get archive(): SyncArchive {
    return this.#archive;
  }

  /** What the listeners are being told of now; `undefined` between two answers of `/sync`. */
  get delivery(): Delivery | undefined {
    return this.#delivery;
  }

  /** Another process goes on from here; where that has come, the store will say. */
  forget(): void {
    this.#archive = new SyncArchive();
    this.resumed = undefined;
  }

  /** An answer goes to the SDK, which tells its listeners. */
  delivering(): void {
    this.moved();
    this.givenUp();
    this.#delivery = this.deliveries.begin();
  }

  /** The SDK has told its listeners of an answer. Their handlers may still be at work. */
  delivered(response: ISyncResponse): void {
    this.#archive.add(response);
    this.invitations.delivered();
    this.#delivery?.close(response.next_batch);
    this.#delivery = undefined;
  }

  /** The SDK was given an answer, and nobody knows what its listeners were told. The next client is given it again. */
  givenUp(): void {
    if (this.#delivery === undefined) return;
    this.#delivery.drop();
    this.#delivery = undefined;
    this.doubt(this.#archive.position);
  }
}
