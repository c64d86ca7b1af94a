import { randomBytes } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HomeserverOptions } from '../support/homeserver.ts';

export const SERVER_NAME = 'localhost';

export interface SynapseOptions extends HomeserverOptions {
  /** Whose tokens it takes in place of its own: as those of matrix-authentication-service. Default: nobody's. */
  readonly delegation?: { readonly endpoint: string; readonly secret: string };
  /** While there is a file of this path, refreshes stand still, see `held_refreshes.py`. Default: they never do. */
  readonly heldRefreshes?: string;
}

const HELD_REFRESHES = fileURLToPath(new URL('./held_refreshes.py', import.meta.url));

const UNLIMITED = { per_second: 10_000, burst_count: 10_000 };

/** Writes the files that Synapse starts from, and gives the path of its configuration. */
export async function writeConfig(
  folder: string,
  port: number,
  registrationSecret: string,
  options: SynapseOptions,
): Promise<string> {
  const signingKey = join(folder, 'signing.key');
  await writeFile(signingKey, `ed25519 a_test ${randomBytes(32).toString('base64').replaceAll('=', '')}\n`);
  const logConfig = join(folder, 'log.yaml');
  await writeFile(
    logConfig,
    JSON.stringify({
      version: 1,
      formatters: { plain: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
      handlers: {
        stderr: { class: 'logging.StreamHandler', formatter: 'plain', stream: 'ext://sys.stderr' },
      },
      root: { level: 'WARNING', handlers: ['stderr'] },
      disable_existing_loggers: false,
    }),
  );
  const config = join(folder, 'homeserver.yaml');
  // JSON is YAML.
  await writeFile(
    config,
    JSON.stringify({
      server_name: SERVER_NAME,
      pid_file: join(folder, 'homeserver.pid'),
      listeners: [
        {
          port,
          type: 'http',
          bind_addresses: ['127.0.0.1'],
          resources: [{ names: ['client', 'keys'], compress: false }],
        },
      ],
      public_baseurl: `http://127.0.0.1:${port}/`,
      database: { name: 'sqlite3', args: { database: join(folder, 'homeserver.db') } },
      log_config: logConfig,
      media_store_path: join(folder, 'media'),
      enable_media_repo: false,
      signing_key_path: signingKey,
      registration_shared_secret: registrationSecret,
      macaroon_secret_key: randomBytes(32).toString('hex'),
      form_secret: randomBytes(32).toString('hex'),
      report_stats: false,
      trusted_key_servers: [],
      federation_domain_whitelist: [],
      enable_registration: true,
      enable_registration_without_verification: true,
      bcrypt_rounds: 4,
      presence: { enabled: false },
      ...lifetimes(options),
      ...(await otherLogins(folder, options)),
      modules: [...(await directory(folder, options)), ...(await heldRefreshes(folder, options))],
      ...rateLimits(options),
      ...delegated(options),
    }),
  );
  return config;
}

/** The ways to log in besides the password. */
async function otherLogins(
  folder: string,
  { loginTokens = false, jwtSecret, applicationServices = [] }: HomeserverOptions,
): Promise<Record<string, unknown>> {
  const registrations = applicationServices.map((service, index) => ({
    file: join(folder, `application-service-${index}.yaml`),
    content: {
      id: `service-${index}`,
      url: null,
      as_token: service.token,
      hs_token: randomBytes(32).toString('hex'),
      sender_localpart: `service-${index}`,
      rate_limited: false,
      namespaces: { users: [{ exclusive: false, regex: service.users }] },
    },
  }));
  for (const { file, content } of registrations) await writeFile(file, JSON.stringify(content));
  return {
    ...(registrations.length === 0
      ? {}
      : { app_service_config_files: registrations.map(({ file }) => file) }),
    ...(jwtSecret === undefined
      ? {}
      : { jwt_config: { enabled: true, secret: jwtSecret, algorithm: 'HS256', subject_claim: 'sub' } }),
    ...(loginTokens
      ? { login_via_existing_session: { enabled: true, require_ui_auth: false, token_timeout: '5m' } }
      : {}),
  };
}

/** What has no place beside delegation is turned off. */
function delegated({ delegation }: SynapseOptions): Record<string, unknown> {
  if (delegation === undefined) return {};
  return {
    matrix_authentication_service: { enabled: true, ...delegation },
    password_config: { enabled: false },
    enable_registration: false,
    enable_registration_without_verification: false,
  };
}

/** A module for Synapse that knows accounts by other names, as those for LDAP do. */
async function directory(folder: string, { directory: people }: HomeserverOptions): Promise<object[]> {
  if (people === undefined) return [];
  await writeFile(
    join(folder, 'directory_of_tests.py'),
    `class Directory:
    def __init__(self, config, api):
        self.people = {person["name"]: person for person in config["people"]}
        self.api = api
        checkers = {("m.login.password", ("password",)): self.check}
        api.register_password_auth_provider_callbacks(auth_checkers=checkers)

    @staticmethod
    def parse_config(config):
        return config

    async def check(self, username, login_type, login):
        person = self.people.get(username)
        if person is None or login["password"] != person["password"]:
            return None
        user_id = self.api.get_qualified_user_id(person["localpart"])
        if await self.api.check_user_exists(user_id) is None:
            await self.api.register_user(person["localpart"])
        return user_id, None
`,
  );
  return [{ module: 'directory_of_tests.Directory', config: { people } }];
}

async function heldRefreshes(
  folder: string,
  { heldRefreshes: path }: Pick<SynapseOptions, 'heldRefreshes'>,
): Promise<object[]> {
  if (path === undefined) return [];
  await copyFile(HELD_REFRESHES, join(folder, 'held_refreshes.py'));
  return [{ module: 'held_refreshes.HeldRefreshes', config: { path } }];
}

/** A bare integer is milliseconds to Synapse, `null` as the refreshable lifetime turns refresh tokens off. */
function lifetimes(options: HomeserverOptions): Record<string, number | null> {
  const { accessTokenLifetimeMs = 5000, nonRefreshableLifetimeMs, refreshTokenLifetimeMs } = options;
  return {
    refreshable_access_token_lifetime: accessTokenLifetimeMs,
    ...(nonRefreshableLifetimeMs == null
      ? {}
      : { nonrefreshable_access_token_lifetime: nonRefreshableLifetimeMs }),
    ...(refreshTokenLifetimeMs == null ? {} : { refresh_token_lifetime: refreshTokenLifetimeMs }),
  };
}

function rateLimits(options: HomeserverOptions): Record<string, unknown> {
  const bucket = (limit: { perSecond: number; burst: number } | undefined) =>
    limit === undefined ? UNLIMITED : { per_second: limit.perSecond, burst_count: limit.burst };
  const login = bucket(options.loginRateLimit);
  return {
    rc_message: bucket(options.messageRateLimit),
    // As in Synapse's own defaults one limit holds by address, by account and for wrong passwords.
    rc_login: { address: login, account: login, failed_attempts: login },
    rc_registration: UNLIMITED,
    rc_registration_token_validity: UNLIMITED,
    rc_admin_redaction: UNLIMITED,
    rc_joins: { local: UNLIMITED, remote: UNLIMITED },
    rc_joins_per_room: UNLIMITED,
    rc_invites: { per_room: UNLIMITED, per_user: UNLIMITED, per_issuer: UNLIMITED },
    rc_3pid_validation: UNLIMITED,
    rc_third_party_invite: UNLIMITED,
    rc_key_requests: UNLIMITED,
    rc_presence: { per_user: UNLIMITED },
    rc_room_creation: UNLIMITED,
    rc_user_directory: UNLIMITED,
    rc_reports: UNLIMITED,
  };
}
