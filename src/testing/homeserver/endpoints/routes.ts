import { oauthEndpoints } from '../oauth/endpoints.ts';
import type { Route } from '../router.ts';
import { accountDataEndpoints } from './account-data.ts';
import { deviceEndpoints } from './devices.ts';
import { discoveryEndpoints } from './discovery.ts';
import { ephemeralEndpoints } from './ephemeral.ts';
import { keyEndpoints } from './keys.ts';
import { loginEndpoints } from './login/index.ts';
import { profileEndpoints } from './profile.ts';
import { roomEventEndpoints } from './room-events.ts';
import { roomEndpoints } from './rooms.ts';
import { sessionEndpoints } from './session.ts';
import { syncEndpoints } from './sync.ts';

export const routes: readonly Route[] = [
  ...discoveryEndpoints,
  ...oauthEndpoints,
  ...loginEndpoints,
  ...sessionEndpoints,
  ...deviceEndpoints,
  ...profileEndpoints,
  ...syncEndpoints,
  ...accountDataEndpoints,
  ...keyEndpoints,
  ...roomEndpoints,
  ...roomEventEndpoints,
  ...ephemeralEndpoints,
];
