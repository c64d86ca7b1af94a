/** What matrix-authentication-service asks of Synapse: accounts and devices are its own, and Synapse is told of them. */
export class MasApi {
  readonly #url: string;
  readonly #secret: string;

  constructor(synapseUrl: string, secret: string) {
    this.#url = synapseUrl;
    this.#secret = secret;
  }

  provisionUser(localpart: string): Promise<void> {
    return this.#post('provision_user', { localpart });
  }

  upsertDevice(localpart: string, deviceId: string): Promise<void> {
    return this.#post('upsert_device', { localpart, device_id: deviceId });
  }

  deleteDevice(localpart: string, deviceId: string): Promise<void> {
    return this.#post('delete_device', { localpart, device_id: deviceId });
  }

  async #post(name: string, body: object): Promise<void> {
    const response = await fetch(`${this.#url}/_synapse/mas/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`Synapse answered ${name} with ${response.status}.`);
  }
}
