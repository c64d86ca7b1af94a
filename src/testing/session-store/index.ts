export {
  type DescribeSessionStoreOptions,
  describeSessionStore,
  type OpenedStores,
} from './describe-session-store.ts';
