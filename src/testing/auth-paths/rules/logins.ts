import { requestText, requestsTo } from '../trace.ts';
import type { Check } from './rule.ts';

export const keepsItsDevice: Check = ({ newDevices }) => {
  if (newDevices === 0) return [];
  return newDevices === 1
    ? [
        'it logged in on a new device: 2 devices, and one more each time; give the device_id of the first login',
      ]
    : [
        `it logged in on a new device each time: ${newDevices + 1} devices; give the device_id of the first login`,
      ];
};

export const logsInSparingly: Check = (trace) => {
  // What was turned away by a rate limit or a broken server is a matter of other rules.
  const logins = requestsTo(trace, 'login').filter(({ status }) => status !== undefined && status < 429);
  const enough = trace.path.logins;
  if (logins.length <= enough) return [];
  const needed =
    enough === 0 ? 'where no login was needed' : `where ${enough} ${enough === 1 ? 'was' : 'were'} enough`;
  return [
    `it logged in ${times(logins.length)} ${needed}: Synapse allows 5 logins, then one every 333 s, unless it is told otherwise`,
  ];
};

export const staysLoggedIn: Check = (trace) => {
  const [logout] = requestsTo(trace, 'logout');
  return logout === undefined
    ? []
    : [`it logged out (${requestText(logout)}): its device and with it its encryption keys are gone`];
};

export const seesNoExpiryInABan: Check = (trace) => {
  const ban = trace.requests.find(
    ({ status, errcode, path }) =>
      status === 403 && errcode === 'M_FORBIDDEN' && !/\/(?:login|refresh)$/.test(path),
  );
  if (ban === undefined) return [];
  const [login, refresh] = (['login', 'refresh'] as const).map((kind) =>
    requestsTo(trace, kind).find(({ at }) => at >= ban.at),
  );
  if (login === undefined && refresh === undefined) return [];
  const what = login === undefined ? 'refreshed it' : 'logged in again';
  return [`it treated a ban (M_FORBIDDEN) as an expired token and ${what}`];
};

function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}
