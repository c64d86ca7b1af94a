import { oneLine, when } from '../words.ts';
import type { DevicesOptions, KnownDevice } from './devices.ts';

export interface DevicesReport {
  readonly now: number;
  readonly userId: string;
  readonly devices: readonly KnownDevice[];
  readonly removed: readonly string[];
}

export function devicesText(
  { now, userId, devices, removed }: DevicesReport,
  { remove, unusedFor }: Pick<DevicesOptions, 'remove' | 'unusedFor'>,
): string {
  const stale = devices.filter((device) => device.stale).length;
  const end =
    remove === true
      ? removed.length === 0
        ? `Nothing was removed: none that this module has made was unused for ${unusedFor} days.\n`
        : `Removed: ${removed.length}.\n`
      : stale === 0
        ? ''
        : `${stale} of them can be removed with --remove: this module has made them, and they were unused for ${unusedFor} days.\n`;
  const width = Math.max(...devices.map(({ deviceId }) => shown(deviceId).length), 0);
  return [
    `${userId} has ${devices.length} ${devices.length === 1 ? 'device' : 'devices'}:\n`,
    ...devices.map((device) => `  ${deviceText(device, width, now, removed)}\n`),
    end,
  ].join('');
}

function deviceText(
  { deviceId, displayName, lastSeenAt, session, stale }: KnownDevice,
  width: number,
  now: number,
  removed: readonly string[],
): string {
  const marks = [
    lastSeenAt === undefined ? 'last use not known' : `used ${when(lastSeenAt, now)}`,
    ...(displayName === undefined ? [] : [oneLine(displayName)]),
    ...(session === 'this' ? ['this session'] : session === 'stored' ? ['another session in the store'] : []),
    ...(removed.includes(deviceId) ? ['removed'] : stale ? ['stale'] : []),
  ];
  return `${shown(deviceId).padEnd(width)}  ${marks.join('; ')}`;
}

/** Others may have chosen it. */
function shown(deviceId: string): string {
  return oneLine(deviceId, 60);
}
