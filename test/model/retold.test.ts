import { afterAll, beforeAll, test, vi } from 'vitest';
import { type Stage, startStage } from './stage.ts';
import { tell } from './story.ts';

// Stories that failed once, as explore.test.ts prints them.

vi.mock('../../src/machines/auth/clock.ts', () => import('./held-wall-clock.ts'));

let stage: Stage;
beforeAll(async () => {
  stage = await startStage(false);
});
afterAll(() => stage.stop());

test('token rejected, newer session adopted, token rejected, another process had refreshed', async () => {
  await tell(
    ['token rejected', 'newer session adopted', 'token rejected', 'another process had refreshed'],
    stage,
  );
});

test('token rejected, answer to the refresh lost, killed and started again, connected', async () => {
  await tell(['token rejected', 'answer to the refresh lost', 'killed and started again'], stage);
});

test('token rejected, refresh accepted, token rejected, token refused by whoami, breaker cooled, refresh refused', async () => {
  await tell(
    [
      'token rejected',
      'refresh accepted',
      'token rejected',
      'token refused by whoami',
      'breaker cooled',
      'refresh refused',
    ],
    stage,
  );
});

test('refresh asked for, account locked, retry asked for, unlocked, token rejected, refresh out of reach', async () => {
  await tell(
    [
      'refresh asked for',
      'account locked',
      'retry asked for',
      'unlocked',
      'token rejected',
      'refresh out of reach',
    ],
    stage,
  );
});

test('renewal due, refresh accepted, connected, token rejected, refresh asked for', async () => {
  await tell(['renewal due', 'refresh accepted', 'connected', 'token rejected', 'refresh asked for'], stage);
});
