import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SyncTroubleReport } from '../../../src/adapters/sync/index.ts';
import type { SyncTrouble } from '../../../src/ports/index.ts';

describe('a sync loop that brings nothing', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function reporting() {
    const troubles: SyncTrouble[] = [];
    return { troubles, report: new SyncTroubleReport(false, (trouble) => troubles.push(trouble)) };
  }

  it('is reported ten seconds after it first failed, and not if it succeeds before that', async () => {
    const { troubles, report } = reporting();
    report.failed({ why: 'ECONNRESET' });
    await vi.advanceTimersByTimeAsync(9_999);
    report.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(troubles).toEqual([]);
    report.failed({ why: 'ECONNRESET' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(troubles).toEqual([
      { code: 'sync-slow', initial: false, sinceMs: 10_000, attempts: 1, why: 'ECONNRESET' },
    ]);
  });

  it('is not reported for a client that was stopped, whatever still fails', async () => {
    const { troubles, report } = reporting();
    report.failed({ status: 502 });
    report.close();
    report.failed({ status: 403 });
    report.failed({ status: 403 });
    report.begin();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(troubles).toEqual([]);
  });

  it('is reported at once when a refusal repeats, once for each that it was, and anew after it had worked', () => {
    const { troubles, report } = reporting();
    const refused = { status: 403, errcode: 'M_FORBIDDEN' };
    for (let time = 0; time < 5; time += 1) report.failed(refused);
    report.failed({ status: 502 });
    for (let time = 0; time < 5; time += 1) report.failed(refused);
    expect(troubles).toMatchObject([{ code: 'sync-refused', attempts: 2, ...refused }]);
    report.end();
    report.failed(refused);
    expect(troubles).toHaveLength(1);
    report.failed(refused);
    expect(troubles).toHaveLength(2);
  });
});
