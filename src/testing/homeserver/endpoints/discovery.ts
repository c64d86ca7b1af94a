import { notFound } from '../matrix-error.ts';
import { authed, open, type Route } from '../router.ts';

// One line per major version.
const VERSIONS =
  'r0.0.1 r0.1.0 r0.2.0 r0.3.0 r0.4.0 r0.5.0 r0.6.0 r0.6.1 ' +
  'v1.1 v1.2 v1.3 v1.4 v1.5 v1.6 v1.7 v1.8 v1.9 v1.10 v1.11 v1.12';

/** What the server is and can do. */
export const discoveryEndpoints: readonly Route[] = [
  open('GET', '/versions', () => ({
    versions: VERSIONS.split(' '),
    unstable_features: {},
  })),
  open('GET', '/.well-known/matrix/client', (_, world) => ({
    'm.homeserver': { base_url: `${world.url}/` },
  })),
  // Of the server-server API, and here for its name alone: there is no key, since nothing is signed.
  open('GET', '/_matrix/key/v2/server', (_, world) => ({
    server_name: world.options.serverName,
    verify_keys: {},
    old_verify_keys: {},
    valid_until_ts: world.now(),
  })),
  authed('GET', '/v3/capabilities', (_, __, world) => ({
    capabilities: {
      'm.room_versions': { default: '11', available: { '11': 'stable' } },
      'm.change_password': { enabled: true },
      'm.set_displayname': { enabled: true },
      'm.set_avatar_url': { enabled: true },
      'm.3pid_changes': { enabled: true },
      'm.get_login_token': { enabled: world.options.loginTokens },
      'm.profile_fields': { enabled: true },
    },
  })),
  authed('GET', '/v3/voip/turnServer', () => ({})),
  authed('GET', '/v3/thirdparty/protocols', () => ({})),
  authed('GET', '/v3/room_keys/version', () => {
    throw notFound('No backup found');
  }),
  authed('GET', '/v3/pushrules/', () => ({
    global: { override: [], content: [], room: [], sender: [], underride: [] },
  })),
];
