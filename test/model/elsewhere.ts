import type { HeldBot } from './held-bot.ts';
import { DEVICE } from './stage.ts';

async function post(bot: HeldBot, path: string, body: object) {
  const response = await fetch(`${bot.stage.homeserver.url}/_matrix/client/v3${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`Another process was refused at ${path}: ${response.status}.`);
  return (await response.json()) as { access_token: string; refresh_token?: string };
}

/** Another process that has the same store renews the session. */
export async function refreshElsewhere(bot: HeldBot): Promise<void> {
  await bot.write(await post(bot, '/refresh', { refresh_token: await bot.refreshToken() }), {
    deviceId: DEVICE,
  });
}

/** Another process that has the same store logs in, on the same device. */
export async function logInElsewhere(bot: HeldBot): Promise<void> {
  const { localpart, password } = bot.account;
  const identifier = { type: 'm.id.user', user: localpart };
  const login = { type: 'm.login.password', identifier, password, device_id: DEVICE, refresh_token: true };
  await bot.write(await post(bot, '/login', login), { deviceId: DEVICE });
}
