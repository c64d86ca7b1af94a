import { memorySessions } from '../../../src/adapters/sessions/index.ts';
import { describeSessionStore } from './contract.ts';

describeSessionStore('memory', async () => {
  const store = memorySessions();
  return { store, close: () => store.close() };
});
