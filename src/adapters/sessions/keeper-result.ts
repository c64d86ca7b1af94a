import type { Rejection } from '../../machines/auth/index.ts';
import type { SessionStoreError, StoredSession } from '../../ports/index.ts';

/** What came of an attempt to get a new token. */
export type KeeperResult =
  | { readonly kind: 'adopted'; readonly session: StoredSession }
  /** `unpersisted`: it is not stored yet. That is said of the first such session, until one is stored. */
  | { readonly kind: 'renewed'; readonly session: StoredSession; readonly unpersisted?: true }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  | StoreFailure;

/** The store could not do its work. `trouble` may pass. */
export type StoreFailure =
  | { readonly kind: 'trouble'; readonly why: string; readonly notBefore?: number }
  | { readonly kind: 'unusable'; readonly error: SessionStoreError };
