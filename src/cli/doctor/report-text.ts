import { rows, span, when } from '../words.ts';
import type { Finding } from './finding.ts';
import type { Report } from './report.ts';

/** The report for a person: what it is, what was found, what comes next, what to do. */
export function reportText(report: Report, serverOnly: boolean): string {
  const { now, session, homeserver, findings, next, toDo } = report;
  const subject = session?.userId ?? homeserver.url ?? 'this set-up';
  return [
    `${subject}: ${verdictText(report, serverOnly)}\n`,
    rows([
      ['server', serverText(report)],
      ['offers', offersText(report)],
      ['session', sessionText(report)],
      ['token', tokenText(report, now)],
      ['clock', clockText(homeserver.clockAheadMs)],
    ]),
    '\n',
    ...findings.map(findingText),
    '\n',
    ...(next.length === 0
      ? []
      : [
          listed(
            'Next',
            next.map((one) => nextText(one, now)),
          ),
        ]),
    listed('To do', toDo.length === 0 ? ['Nothing.'] : toDo),
  ].join('');
}

function verdictText({ verdict }: Report, serverOnly: boolean): string {
  if (serverOnly) {
    return { lasts: 'a homeserver', attention: 'NO HOMESERVER to sign in to', unknown: 'cannot tell now' }[
      verdict
    ];
  }
  return {
    lasts: 'will last',
    attention: 'WILL NOT LAST, or needs a person',
    unknown: 'cannot tell now',
  }[verdict];
}

function serverText({ homeserver: { url, name, versions } }: Report): string | undefined {
  if (url === undefined) return undefined;
  const called = name === undefined ? '' : `, which is ${name}`;
  const latest = versions?.at(-1);
  return `${url}${called}${latest === undefined ? '' : `; it speaks up to ${latest}`}`;
}

function offersText({ homeserver: { loginFlows, oauth } }: Report): string | undefined {
  if (loginFlows === undefined) return undefined;
  const flows = loginFlows.length === 0 ? 'no login of the older kind' : loginFlows.join(', ');
  const how = oauth?.deviceGrant === true ? ', also by a link and a code' : '';
  return `${flows}; ${oauth === undefined ? 'no OAuth 2.0' : `OAuth 2.0 at ${oauth.issuer}${how}`}`;
}

function sessionText({ session }: Report): string | undefined {
  if (session === undefined) return undefined;
  const { from, userId, deviceId, sort, kind } = session;
  const where = from === 'store' ? 'in the store' : 'from the environment';
  return [
    `${where}: ${userId ?? 'whose is not known'}${deviceId === undefined ? '' : ` on device ${deviceId}`}`,
    ...(sort === undefined ? [] : [sort]),
    ...(kind === 'oauth' ? ['renewed by OAuth 2.0'] : []),
  ].join('; ');
}

function tokenText({ session }: Report, now: number): string | undefined {
  if (session === undefined) return undefined;
  const { generation, fingerprint, expiresAt, refreshable } = session;
  const number = generation === undefined ? '' : `number ${generation} `;
  const end =
    expiresAt === undefined
      ? 'its end is not known'
      : `${expiresAt <= now ? 'ended' : 'ends'} ${when(expiresAt, now)}`;
  return `${number}(${fingerprint}); ${end}; ${refreshable ? 'with' : 'without'} a refresh token`;
}

function clockText(aheadMs: number | undefined): string | undefined {
  if (aheadMs === undefined) return undefined;
  if (aheadMs === 0) return 'as the homeserver’s';
  return `${span(Math.abs(aheadMs))} ${aheadMs > 0 ? 'behind' : 'ahead of'} the homeserver’s`;
}

function findingText({ level, says }: Finding): string {
  return `  ${level.padEnd(10)}${says}\n`;
}

function nextText({ what, at }: Report['next'][number], now: number): string {
  return at === undefined ? `${what}.` : `${what}, ${when(at, now)}.`;
}

function listed(title: string, items: readonly string[]): string {
  return items.map((item, index) => `${(index === 0 ? title : '').padEnd(7)}${item}\n`).join('');
}
