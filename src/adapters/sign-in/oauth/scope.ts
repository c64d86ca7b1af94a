import type { AuthMetadata } from './metadata.ts';

const STABLE = 'urn:matrix:client:';
/** Before the scopes were part of the specification (MSC2967). */
const UNSTABLE = 'urn:matrix:org.matrix.msc2967.client:';

/** The prefixes of scopes to ask with, the likeliest first. */
export function prefixesFor({ unstable, scopes_supported: supported = [] }: AuthMetadata): readonly string[] {
  const knows = (prefix: string) => supported.some((scope) => scope.startsWith(prefix));
  const isOld = unstable || (knows(UNSTABLE) && !knows(STABLE));
  return isOld ? [UNSTABLE, STABLE] : [STABLE, UNSTABLE];
}

/** The whole API, for one device. */
export function scopeFor(prefix: string, deviceId: string): string {
  return `${prefix}api:* ${prefix}device:${deviceId}`;
}

/** Whether a scope can name this device: RFC 6749, section 3.3, has no blanks, quotation marks and backslashes in it. */
export function canBeAskedFor(deviceId: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(deviceId);
}

/** The device that was granted, where the answer says so. */
export function deviceIn(scope: string | undefined): string | undefined {
  const devices = (scope ?? '').split(' ').flatMap((part) => {
    const prefix = [STABLE, UNSTABLE].find((one) => part.startsWith(`${one}device:`));
    return prefix === undefined ? [] : [part.slice(`${prefix}device:`.length)];
  });
  return devices.length === 1 && devices[0] !== '' ? devices[0] : undefined;
}
