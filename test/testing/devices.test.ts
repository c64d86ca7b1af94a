import { expect, test } from 'vitest';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { clientOf, refusals } from './client.ts';

describeOnBoth('devices', { alwaysOnBoth: true }, ({ homeserver, real }) => {
  const expectRefusal = refusals(real);
  const api = () => clientOf(homeserver().url);
  const signedIn = async () => {
    const user = await freshUser(homeserver());
    const login = (deviceId: string) =>
      api().login(user.localpart, user.password, {
        device_id: deviceId,
        initial_device_display_name: `device ${deviceId}`,
      });
    const { body } = await login('BOT');
    return { ...user, login, access: body.access_token as string };
  };
  const remove = (token: string, body: unknown) =>
    api().call('DELETE', '/devices/OLD', { token, ...(body === undefined ? {} : { body }) });

  test('a login without device id opens a device, one with the id of a device uses it', async () => {
    const user = await signedIn();
    await user.login('BOT');
    const { body } = await api().login(user.localpart, user.password);
    expect(new Set(await homeserver().devices(user.userId))).toEqual(new Set(['BOT', body.device_id]));
    expect(body.device_id).toMatch(/^[A-Z]{10}$/);
  });

  test('a device is listed, shown and renamed', async () => {
    const { access, userId } = await signedIn();
    expect((await api().put('/devices/BOT', { display_name: 'the bot' }, access)).body).toEqual({});
    const device = {
      user_id: userId,
      device_id: 'BOT',
      display_name: 'the bot',
      last_seen_ts: expect.any(Number),
      last_seen_ip: '127.0.0.1',
    };
    expect((await api().get('/devices/BOT', access)).body).toEqual(device);
    expect((await api().get('/devices', access)).body).toEqual({ devices: [device] });
    expectRefusal(await api().get('/devices/NONE', access), {
      status: 404,
      body: { errcode: 'M_NOT_FOUND', error: 'Not found' },
    });
  });

  test('a device is deleted after a proof by password, and its session with it', async () => {
    const user = await signedIn();
    const { body: old } = await user.login('OLD');
    const challenge = await remove(user.access, undefined);
    const flows = { flows: [{ stages: ['m.login.password'] }], params: {} };
    expectRefusal(challenge, { status: 401, body: { session: expect.any(String), ...flows } });
    const { session } = challenge.body;

    const proof = (password: string, more: object = {}) => ({
      auth: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: user.localpart },
        password,
        session,
        ...more,
      },
    });
    expectRefusal(await remove(user.access, proof('canary-pw-wrong')), {
      status: 401,
      body: {
        session,
        ...flows,
        completed: [],
        error: 'Invalid username or password',
        errcode: 'M_FORBIDDEN',
      },
    });
    expect((await api().whoami(old.access_token)).status).toBe(200);
    expect((await remove(user.access, proof(user.password))).body).toEqual({});
    expect((await api().whoami(old.access_token)).status).toBe(401);
    expect(await homeserver().devices(user.userId)).toEqual(['BOT']);
  });

  test('a proof is good for its session, its operation and its user only', async () => {
    const [user, other] = [await signedIn(), await signedIn()];
    const { session } = (await remove(user.access, {})).body;
    const auth = (more: object) => ({
      auth: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user: user.localpart },
        password: user.password,
        ...more,
      },
    });
    expectRefusal(await remove(user.access, auth({ session: 'nothing' })), {
      status: 400,
      body: { errcode: 'M_UNKNOWN', error: 'Unknown session ID: nothing' },
    });
    const elsewhere = await api().call('DELETE', '/devices/BOT', {
      token: user.access,
      body: auth({ session }),
    });
    expectRefusal(elsewhere, {
      status: 403,
      body: {
        errcode: 'M_UNKNOWN',
        error: 'Requested operation has changed during the UI authentication session.',
      },
    });
    const stranger = { identifier: { type: 'm.id.user', user: other.localpart }, password: other.password };
    expectRefusal(await remove(user.access, auth({ session, ...stranger })), {
      status: 403,
      body: { errcode: 'M_FORBIDDEN', error: 'Invalid auth' },
    });
  });

  test('one-time keys are counted', async () => {
    const { access } = await signedIn();
    expect((await api().post('/keys/upload', {}, access)).body).toEqual({
      one_time_key_counts: { signed_curve25519: 0 },
    });
  });
});
