import type { Rejection } from '../../machines/auth/index.ts';
import type { SessionStoreError, StoredSession } from '../../ports/index.ts';

/** What came of an attempt to get a new token. */
export type KeeperResult =
  | { readonly kind: 'renewed' | 'adopted'; readonly session: StoredSession }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  | StoreFailure;

/** The store could not do its work. `trouble` may pass. */
export type StoreFailure =
  | { readonly kind: 'trouble'; readonly why: string; readonly notBefore?: number }
  | { readonly kind: 'unusable'; readonly error: SessionStoreError };
