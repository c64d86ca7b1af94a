import { describe, expect, test } from 'vitest';
import { meterAuth } from '../../../src/adapters/metrics/index.ts';
import { drive, sessionOf } from '../../observe/driven.ts';
import { readingMeter } from './reading-meter.ts';

function measured() {
  const driven = drive();
  const meter = readingMeter();
  const stop = meterAuth(driven, { name: 'echo', meter });
  return { driven, meter, stop };
}

const bot = 'echo';

describe('what is measured', () => {
  test('refreshes, logins and adoptions, by the bot’s name', () => {
    const { driven, meter } = measured();
    driven.signIn();
    driven.event({ type: 'refresh' });
    driven.done('exchange', { outcome: 'renewed', session: sessionOf() });
    driven.done('connect', { outcome: 'connected' });
    driven.signIn();
    expect(meter.value('matrix_auth.refreshes', { bot })).toBe(1);
    expect(meter.value('matrix_auth.adoptions', { bot })).toBe(1);
    expect(meter.value('matrix_auth.logins', { bot })).toBe(0);
    expect(meter.value('matrix_auth.refresh_seconds.count', { bot })).toBe(1);
    expect(meter.value('matrix_auth.reconnect_seconds.count', { bot })).toBe(3);
  });

  test('refusals, by endpoint and meaning', () => {
    const { driven, meter } = measured();
    driven.signIn({ obtainedAt: Date.now() - 200_000 });
    const generation = driven.actor.getSnapshot().context.session?.generation;
    const rejection = { endpoint: 'other', status: 401, errcode: 'M_UNKNOWN_TOKEN' };
    for (let count = 0; count < 3; count += 1) {
      driven.event({ type: 'token.rejected', generation, rejection } as { type: string });
    }
    driven.done('exchange', { outcome: 'refused', rejection: { endpoint: 'refresh', status: 502 } });
    const refusals = (attributes: Record<string, string>) => meter.value('matrix_auth.refusals', attributes);
    expect(refusals({ bot, endpoint: 'other', meaning: 'token-dead' })).toBe(3);
    expect(refusals({ bot, endpoint: 'refresh', meaning: 'transient' })).toBe(1);
  });

  test('the state, and whether it is usable, at the moment of reading', () => {
    const { driven, meter } = measured();
    const state = (name: string) => meter.value('matrix_auth.state', { bot, state: name });
    expect([state('restoring'), state('valid'), meter.value('matrix_auth.usable')]).toEqual([1, 0, 0]);
    driven.signIn();
    expect([state('restoring'), state('valid'), meter.value('matrix_auth.usable')]).toEqual([0, 1, 1]);
  });

  test('how long the token still lives, where it ends', () => {
    const { driven, meter } = measured();
    expect(meter.value('matrix_auth.token_expires_in_seconds')).toBeUndefined();
    driven.signIn({ expiresAt: Date.now() + 120_000 });
    expect(meter.value('matrix_auth.token_expires_in_seconds')).toBeGreaterThan(0);
    expect(meter.value('matrix_auth.token_expires_in_seconds')).toBeLessThanOrEqual(120);
  });

  test('how many requests wait, and how long there was no token', () => {
    const { driven, meter } = measured();
    driven.held = 4;
    expect(meter.value('matrix_auth.held_requests', { bot })).toBe(4);
    driven.signIn();
    const before = meter.value('matrix_auth.unusable_seconds', { bot });
    expect(before).toBeGreaterThanOrEqual(0);
    expect(meter.value('matrix_auth.unusable_seconds', { bot })).toBe(before);
  });

  test('how many messages wait to be sent, and how long the oldest has', () => {
    const { driven, meter } = measured();
    expect(meter.value('matrix_auth.outgoing_messages', { bot })).toBe(0);
    expect(meter.value('matrix_auth.outgoing_age_seconds', { bot })).toBe(0);
    driven.outgoing = { length: 2, oldestAt: Date.now() - 60_000 };
    expect(meter.value('matrix_auth.outgoing_messages', { bot })).toBe(2);
    expect(meter.value('matrix_auth.outgoing_age_seconds', { bot })).toBeGreaterThanOrEqual(60);
  });

  test('failures by reason, and warnings by kind', () => {
    const { driven, meter } = measured();
    driven.done('restore', { outcome: 'empty', canLogIn: false });
    expect(meter.value('matrix_auth.failures', { bot, reason: 'no-credentials' })).toBe(1);
    driven.event({ type: 'credentials.provided', canLogIn: true } as { type: string });
    driven.signIn();
    driven.event({ type: 'refresh' });
    driven.done('exchange', {
      outcome: 'refused',
      rejection: { endpoint: 'refresh', status: 401, errcode: 'M_UNKNOWN_TOKEN' },
    });
    expect(meter.value('matrix_auth.warnings', { bot, kind: 'refresh-refused' })).toBe(1);
  });

  test('failures and warnings begin at zero, so that the first of a kind is an increase', () => {
    const { meter } = measured();
    expect(meter.value('matrix_auth.failures', { bot, reason: 'login-refused' })).toBe(0);
    expect(meter.value('matrix_auth.warnings', { bot, kind: 'breaker' })).toBe(0);
  });

  test('nothing more after the end', () => {
    const { driven, meter, stop } = measured();
    stop();
    const before = meter.read();
    driven.signIn();
    driven.signIn();
    expect(meter.read()).toEqual(before);
    expect(before.every(({ value }) => value === 0)).toBe(true);
  });
});

test('without an SDK nothing comes of it, and nothing breaks', () => {
  const driven = drive();
  const stop = meterAuth(driven);
  driven.signIn();
  stop();
  expect(driven.actor.getSnapshot().matches('valid')).toBe(true);
});
