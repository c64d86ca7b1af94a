import { createClient } from 'matrix-js-sdk';

const baseUrl = process.env.HOMESERVER_URL;

class TokenManager {
  #client;

  async #logIn() {
    const { access_token, user_id, device_id } = await createClient({ baseUrl }).loginRequest({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: process.env.MATRIX_USERNAME },
      password: process.env.MATRIX_PASSWORD,
      refresh_token: true,
    });
    this.#client = createClient({ baseUrl, accessToken: access_token, userId: user_id, deviceId: device_id });
  }

  async run(work) {
    if (this.#client === undefined) await this.#logIn();
    try {
      return await work(this.#client);
    } catch {
      await this.#logIn();
      return work(this.#client);
    }
  }
}

const tokens = new TokenManager();
const say = (roomId) => tokens.run((client) => client.sendNotice(roomId, new Date().toISOString()));

for (const roomId of process.argv.slice(2)) {
  setInterval(() => void say(roomId).catch(() => {}), 500);
}
