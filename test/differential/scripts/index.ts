import type { Theme } from '../script.ts';
import { accounts } from './accounts.ts';
import { devices } from './devices.ts';
import { expiry } from './expiry.ts';
import { limits } from './limits.ts';
import { login } from './login.ts';
import { otherLogins } from './other-logins.ts';
import { refresh } from './refresh.ts';
import { requests } from './requests.ts';
import { roomEvents } from './room-events.ts';
import { rooms } from './rooms.ts';
import { sessionEnds } from './session-ends.ts';
import { sync } from './sync.ts';

export const themes: readonly Theme[] = [
  requests,
  login,
  otherLogins,
  refresh,
  sessionEnds,
  accounts,
  devices,
  rooms,
  roomEvents,
  sync,
  expiry,
  limits,
];
