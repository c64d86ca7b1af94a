import { expect, it, onTestFinished, vi } from 'vitest';
import { reconnectDelays } from '../../../../src/adapters/sessions/postgres/reconnect-delays.ts';

it.each([
  [0, [50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]],
  [0.5, [75, 150, 300, 600, 1_200, 2_400, 4_800, 9_600, 19_200, 22_500, 22_500]],
])(
  'the waits before a reconnect grow to half a minute, less up to a half by chance (%d)',
  (chance, waits) => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(chance);
    onTestFinished(() => random.mockRestore());
    const delays = reconnectDelays();
    expect(waits.map(() => delays.next().value)).toEqual(waits);
  },
);
