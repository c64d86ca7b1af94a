import { measuredBy } from './child.ts';
import type { Comparison, Row } from './measure.ts';

interface Measured {
  readonly name: string;
  /** `null`: the call is not repeated with a new token. */
  readonly comparison: Comparison | null;
}

/** What a call takes that finds its token expired, from the 401 on, here and with what else people use. */
export async function recovery(): Promise<Row> {
  const of = (peer: string, ...more: string[]) =>
    measuredBy<Measured>('recovery-main.ts', [peer, ...more], []);
  const { comparison } = await of('this-package');
  if (comparison === null) throw new Error('The call was not repeated.');
  const peers = [
    await of('token-refresh-function'),
    await of('oauth-client', 'oauth'),
    await of('token-manager'),
    await of('bot-sdk'),
  ];
  const ratios = peers.flatMap((peer) => peer.comparison?.ratio ?? []);
  const others = peers.map(
    (peer) => `${peer.name} ${peer.comparison?.ratio.toFixed(2) ?? 'does not recover'}`,
  );
  const { subjectMs, referenceMs, ratio } = comparison;
  return {
    what: 'From a 401 to the repeated answer, over one refresh and one request, at 50 ms a request',
    result: `${ratio.toFixed(2)} times: ${subjectMs.toFixed(1)} ms over ${referenceMs.toFixed(1)} ms (${others.join('; ')})`,
    reach: '≤ 1.05, and ≤ every peer',
    reached: ratio <= 1.05 && ratios.every((other) => ratio <= other),
    runs: '11 each',
    figures: {
      ratio,
      ...Object.fromEntries(peers.map((peer) => [peer.name, peer.comparison?.ratio ?? -1])),
    },
  };
}
