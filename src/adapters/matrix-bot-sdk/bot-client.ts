import type { PositionStorage } from './progress.ts';

/** The public part of the SDK's `MatrixClient` that this adapter needs; both the SDK's and the fork's have it. */
export interface BotSdkClient {
  readonly accessToken: string;
  readonly storageProvider: PositionStorage;
  syncingTimeout: number;
  doRequest(
    method: string,
    endpoint: string,
    qs?: Record<string, unknown> | null,
    body?: unknown,
    timeout?: number,
    raw?: boolean,
    contentType?: string,
    noEncoding?: boolean,
  ): Promise<unknown>;
  start(filter?: object): Promise<unknown>;
  stop(): void;
  rawListeners(type: string): Function[];
}

/** Tells what happened, as the SDK's `processSync` does; its promise is awaited. */
export type Emit = (type: string, ...args: unknown[]) => Promise<unknown>;

/** The same client as the SDK itself sees it. These are `protected` or `private` there. */
export interface ClientInternals {
  accessToken: string;
  stopSyncing: boolean;
  /** By default it is `null`, and the SDK emits; `SynchronousMatrixClient` calls its own handlers first. */
  startSync(emit?: Emit | null): Promise<void>;
  processSync(answer: object, emit: Emit): Promise<void>;
  readonly filterId: number | string;
  readonly syncingPresence: string | null;
  readonly impersonatedUserId?: string | null;
  readonly impersonatedDeviceId?: string | null;
  doRequest: BotSdkClient['doRequest'];
}

export function internalsOf(client: BotSdkClient): ClientInternals {
  return client as unknown as ClientInternals;
}
