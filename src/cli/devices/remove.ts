import { removeDevices } from '../../adapters/homeserver/index.ts';
import { rejectionText } from '../../machines/index.ts';
import { Secret } from '../../ports/index.ts';
import { RefusedError } from '../errors.ts';
import { type AccountOptions, accountOf } from '../terminal/account.ts';
import { oneLine } from '../words.ts';

export interface ToRemove {
  readonly url: string;
  readonly token: Secret;
  readonly userId: string;
  readonly deviceIds: readonly string[];
}

/**
 * Removes devices, with the password where the homeserver wants to know who asks.
 * @throws {RefusedError} if the homeserver refuses; {@link UsageError} {@link InterruptedError}
 */
export async function remove(
  { url, token, userId, deviceIds }: ToRemove,
  { passwordStdin }: AccountOptions,
): Promise<void> {
  const homeserver = { url, timeoutMs: 30_000 };
  const first = await removeDevices(homeserver, token, deviceIds);
  if (!first.ok) throw refused(oneLine(rejectionText(first.rejection)));
  if (first.value.outcome === 'removed') return;
  const { session, stages } = first.value;
  if (!stages.some(([stage, ...more]) => stage === 'm.login.password' && more.length === 0)) {
    throw refused(
      `it wants ${stages.map((flow) => flow.join(' and ')).join(', or ')} for that, and not the password alone`,
    );
  }
  const { password } = await accountOf(
    { user: userId, ...(passwordStdin === undefined ? {} : { passwordStdin }) },
    {},
  );
  const proof = { session, userId, password };
  const second = await removeDevices(homeserver, token, deviceIds, proof);
  if (!second.ok) throw refused(oneLine(rejectionText(second.rejection)));
  if (second.value.outcome === 'asked') throw refused('the password is wrong');
}

function refused(why: string): RefusedError {
  return new RefusedError(`No device was removed: ${why}. Remove them in the settings of another client.`);
}
