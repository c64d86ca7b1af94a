import type { ISyncResponse } from 'matrix-js-sdk';
import { type Delivery, PendingToDevice, Progress, type Resumed, type SyncAnswer } from '../sync/index.ts';
import { SyncArchive } from './archive.ts';

/** How far the sync has come, with the state of the rooms there. */
export class SdkProgress extends Progress {
  resumed: Resumed | undefined;
  /** The sync begins anew: whose devices have changed meanwhile is not known. */
  begunAnew = false;
  readonly toDevice = new PendingToDevice();
  #archive = new SyncArchive();
  #delivery: Delivery | undefined;

  get archive(): SyncArchive {
    return this.#archive;
  }

  /** What the listeners are being told of now; `undefined` between two answers of `/sync`. */
  get delivery(): Delivery | undefined {
    return this.#delivery;
  }

  /** The sync begins with this answer, whose messages to the device are still to be delivered. */
  beginsAnew(first: SyncAnswer): void {
    this.begunAnew = true;
    this.toDevice.hold(first);
  }

  override async begin(position: string): Promise<void> {
    // Keys that are still to be delivered would be lost.
    if (!this.toDevice.pending) await super.begin(position);
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
    this.toDevice.delivered();
    this.#delivery?.close(response.next_batch);
    this.#delivery = undefined;
  }

  /** Hands over what was not to be had in its time, such as a message whose key came later. */
  late(
    what: { readonly roomId: string; readonly type: string; readonly eventId?: string | undefined },
    work: () => unknown,
  ): void {
    const delivery = this.deliveries.begin();
    delivery.hand(what, work);
    delivery.drop();
  }

  /** The SDK was given an answer, and nobody knows what its listeners were told. The next client is given it again. */
  givenUp(): void {
    if (this.#delivery === undefined) return;
    this.#delivery.drop();
    this.#delivery = undefined;
    this.doubt(this.#archive.position);
  }
}
