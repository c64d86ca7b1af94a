import { expect, test } from 'vitest';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { type Answer, clientOf, passwordLogin, refusals } from './client.ts';

const error = (errcode: string, text: string, more: object = {}) => ({ errcode, error: text, ...more });
const softLogout = (value: boolean) => ({ soft_logout: value });

const UNRECOGNIZED = error('M_UNRECOGNIZED', 'Unrecognized request');
const NOT_JSON = error('M_NOT_JSON', 'Content not JSON.');
const INVALID_TOKEN = error('M_UNKNOWN_TOKEN', 'Invalid access token passed.', softLogout(false));
const MISSING_TOKEN = error('M_MISSING_TOKEN', 'Missing access token');
const BAD_HEADER = error('M_MISSING_TOKEN', 'Invalid Authorization header.');
const WRONG_PASSWORD = error('M_FORBIDDEN', 'Invalid username or password');
const LOCKED = error('M_USER_LOCKED', 'User account has been locked', softLogout(true));
const suspended = (what: string) =>
  error('M_USER_SUSPENDED', `${what} while account is suspended is not allowed.`);

describeOnBoth('refusals', { alwaysOnBoth: true }, ({ homeserver, real }) => {
  const expectRefusal = refusals(real);
  const api = () => clientOf(homeserver().url);
  const signedIn = async () => {
    const user = await freshUser(homeserver());
    const { body } = await api().login(user.localpart, user.password, { device_id: 'BOT' });
    return { ...user, access: body.access_token as string, refresh: body.refresh_token as string };
  };

  test.each([
    ['GET', '/nothing', 404],
    ['GET', '/_matrix/client/v3', 404],
    ['GET', '/_matrix/client/v1/auth_metadata', 404],
    ['POST', '/_matrix/client/v1/refresh', 404],
    ['GET', '/refresh', 405],
    ['DELETE', '/login', 405],
  ])('%s %s is not recognized', async (method, path, status) => {
    expectRefusal(await api().call(method, path), { status, body: UNRECOGNIZED });
  });

  test.each([
    ['not JSON', { raw: '{' }, NOT_JSON],
    ['empty', { raw: '' }, NOT_JSON],
    ['an array', { raw: '[]' }, error('M_BAD_JSON', 'Content must be a JSON object.')],
    ['without type', { body: {} }, error('M_UNKNOWN', 'Missing JSON keys.')],
    ['with a number as type', { body: { type: 5 } }, error('M_INVALID_PARAM', 'Bad parameter: type')],
    [
      'without password',
      { body: { type: 'm.login.password' } },
      error('M_INVALID_PARAM', 'Bad parameter: password'),
    ],
    [
      'without identifier',
      { body: { type: 'm.login.password', password: 'x' } },
      error('M_INVALID_PARAM', 'Invalid login submission'),
    ],
    [
      'with an identifier without type',
      { body: { type: 'm.login.password', password: 'x', identifier: { user: 'x' } } },
      error('M_MISSING_PARAM', "'identifier' dict has no key 'type'"),
    ],
    [
      'with an unknown type of identifier',
      { body: { type: 'm.login.password', password: 'x', identifier: { type: 'x' } } },
      error('M_UNKNOWN', 'Unknown login identifier type'),
    ],
    [
      'with an identifier without user',
      { body: { type: 'm.login.password', password: 'x', identifier: { type: 'm.id.user' } } },
      error('M_UNKNOWN', "User identifier is missing 'user' key"),
    ],
    [
      'of an unknown type',
      { body: { type: 'x.y', identifier: { type: 'm.id.user', user: 'x' } } },
      error('M_UNKNOWN', 'Unknown login type x.y'),
    ],
    [
      'with a word as refresh_token',
      { body: passwordLogin('x', 'x', { refresh_token: 'yes' }) },
      error('M_UNKNOWN', '`refresh_token` should be true or false.'),
    ],
  ])('a login that is %s is 400', async (_, options, body) => {
    expectRefusal(await api().call('POST', '/login', options), { status: 400, body });
  });

  test('a wrong password, an unknown user and a deactivated one are refused alike', async () => {
    const user = await freshUser(homeserver());
    const refusal = { status: 403, body: WRONG_PASSWORD };
    expectRefusal(await api().login(user.localpart, 'canary-pw-wrong'), refusal);
    expectRefusal(await api().login('nobody', 'canary-pw-wrong'), refusal);
    expectRefusal(await api().login('@nobody:elsewhere', 'canary-pw-wrong'), refusal);
    await homeserver().deactivate(user.userId);
    expectRefusal(await api().login(user.localpart, user.password), refusal);
  });

  test('a login token that nobody issued is 403', async () => {
    const answer = await api().post('/login', { type: 'm.login.token', token: 'nothing' });
    expectRefusal(answer, { status: 403, body: error('M_FORBIDDEN', 'Invalid login token') });
  });

  test.each([
    ['none', {}, MISSING_TOKEN],
    ['an empty one', { authorization: 'Bearer ' }, BAD_HEADER],
    ['one of another scheme', { authorization: 'Basic YTpi' }, BAD_HEADER],
    ['one in small letters', { authorization: 'bearer x' }, BAD_HEADER],
    ['one that nobody issued', { authorization: 'Bearer nothing' }, INVALID_TOKEN],
  ])('an access token: %s', async (_, options, body) => {
    const answer = await api().call('GET', '/account/whoami', options);
    expectRefusal(answer, { status: 401, body });
  });

  test('an access token in the query is taken, one in both places is not', async () => {
    const { access } = await signedIn();
    const path = `/account/whoami?access_token=${access}`;
    expect((await api().get(path)).status).toBe(200);
    expectRefusal(await api().get(path, access), {
      status: 401,
      body: error('M_MISSING_TOKEN', 'Mixing Authorization headers and access_token query parameters.'),
    });
  });

  test.each([
    [{}, 400, error('M_MISSING_PARAM', "Missing params: ['refresh_token']")],
    [{ refresh_token: 5 }, 400, error('M_INVALID_PARAM', 'Invalid param: refresh_token')],
    [{ refresh_token: 'x' }, 401, error('M_UNKNOWN_TOKEN', 'invalid refresh token')],
    [
      { refresh_token: 'syr_Ym90_abcdefghijklmnopqrst_000000' },
      401,
      error('M_UNKNOWN_TOKEN', 'invalid refresh token'),
    ],
    // The checksum is right.
    [
      { refresh_token: 'syr_Ym90_abcdefghijklmnopqrst_1zzHcd' },
      401,
      error('M_UNKNOWN_TOKEN', 'refresh token does not exist'),
    ],
  ])('a refresh with %j', async (request, status, body) => {
    expectRefusal(await api().post('/refresh', request), { status, body });
  });

  test('an access token is no refresh token', async () => {
    const { access } = await signedIn();
    const body = error('M_UNKNOWN_TOKEN', 'invalid refresh token');
    expectRefusal(await api().refresh(access), { status: 401, body });
  });

  test('a locked user is refused everywhere but on refresh and logout', async () => {
    const user = await signedIn();
    await homeserver().setLocked(user.userId, true);
    const refusal = { status: 401, body: LOCKED };
    expectRefusal(await api().whoami(user.access), refusal);
    expectRefusal(await api().sync(user.access), refusal);
    expectRefusal(await api().login(user.localpart, user.password), refusal);
    expectRefusal(await api().login(user.localpart, 'canary-pw-wrong'), {
      status: 403,
      body: WRONG_PASSWORD,
    });
    const { status, body } = await api().refresh(user.refresh);
    expect(status).toBe(200);
    expectRefusal(await api().whoami(body.access_token), refusal);

    await homeserver().setLocked(user.userId, false);
    expect((await api().whoami(body.access_token)).status).toBe(200);
    await homeserver().setLocked(user.userId, true);
    expect((await api().call('POST', '/logout', { token: body.access_token })).status).toBe(200);
    await homeserver().setLocked(user.userId, false);
    expectRefusal(await api().whoami(body.access_token), { status: 401, body: INVALID_TOKEN });
  });

  test('a suspended user may look, log in and refresh, and not say or change a thing', async () => {
    const { userId, localpart, password, access, refresh } = await signedIn();
    const roomId = await api().createRoom(access);
    const path = `/rooms/${encodeURIComponent(roomId)}`;
    await homeserver().setSuspended(userId, true);
    const refused = async (answer: Promise<Answer>, what: string) =>
      expectRefusal(await answer, { status: 403, body: suspended(what) });
    await refused(api().send(access, roomId, 't1'), 'Sending messages');
    await refused(api().put(`${path}/state/m.room.topic`, { topic: 'x' }, access), 'Sending messages');
    await refused(api().post('/createRoom', {}, access), 'Sending messages');
    await refused(api().post(`${path}/invite`, { user_id: '@x:localhost' }, access), 'Sending invites');
    await refused(api().post(`/join/${encodeURIComponent(roomId)}`, {}, access), 'Joining rooms');
    await refused(
      api().put(`/profile/${userId}/displayname`, { displayname: 'x' }, access),
      'Updating profile',
    );
    expect((await api().whoami(access)).status).toBe(200);
    expect((await api().sync(access)).status).toBe(200);
    expect((await api().refresh(refresh)).status).toBe(200);
    expect((await api().login(localpart, password)).status).toBe(200);
  });

  test.each([
    ['deleted device', (userId: string) => homeserver().deleteDevice(userId, 'BOT')],
    ['reset password', (userId: string) => homeserver().setPassword(userId, 'canary-pw-new')],
    ['deactivated account', (userId: string) => homeserver().deactivate(userId)],
  ])('a %s ends the session', async (_, end) => {
    const { userId, access, refresh } = await signedIn();
    await end(userId);
    expectRefusal(await api().whoami(access), { status: 401, body: INVALID_TOKEN });
    expectRefusal(await api().refresh(refresh), {
      status: 401,
      body: error('M_UNKNOWN_TOKEN', 'refresh token does not exist'),
    });
    expect(await homeserver().devices(userId)).toEqual([]);
  });

  test('a reset password that logs nobody out leaves the session', async () => {
    const { userId, localpart, access } = await signedIn();
    await homeserver().setPassword(userId, 'canary-pw-new', { logoutDevices: false });
    expect((await api().whoami(access)).status).toBe(200);
    expect((await api().login(localpart, 'canary-pw-new')).status).toBe(200);
  });

  let bystander: ReturnType<typeof signedIn> | undefined;
  test.each([
    ['since=nothing', error('M_UNKNOWN', 'Invalid stream token')],
    ['from=nothing', error('M_UNKNOWN', "'from' is not a valid query parameter. Did you mean 'since'?")],
    ['timeout=soon', error('M_INVALID_PARAM', 'Query parameter timeout must be an integer')],
    ['timeout=-1', error('M_INVALID_PARAM', 'Query parameter timeout must be a positive integer.')],
    ['filter={', error('M_NOT_JSON', 'Invalid filter JSON')],
    ['filter=99', error('M_INVALID_PARAM', 'No such filter')],
    ['filter=mine', error('M_INVALID_PARAM', 'Invalid filter ID')],
  ])('a sync with %s is 400', async (query, body) => {
    bystander ??= signedIn();
    const { access } = await bystander;
    expectRefusal(await api().get(`/sync?${query}`, access), { status: 400, body });
  });

  test('who is not in a room may neither speak nor read there', async () => {
    const [owner, stranger] = [await signedIn(), await signedIn()];
    const roomId = await api().createRoom(owner.access);
    const notIn = `User ${stranger.userId} not in room ${roomId}`;
    const attempts = [
      ['PUT', '/send/m.room.message/t', notIn],
      ['PUT', '/state/m.room.topic', notIn],
      ['PUT', `/typing/${stranger.userId}`, notIn],
      ['POST', '/invite', `${stranger.userId} not in room ${roomId}.`],
      ['POST', '/leave', `${stranger.userId} not in room ${roomId}.`],
      ['POST', '/join', 'You are not invited to this room.'],
      ['GET', '/messages?dir=b', `${notIn}, and room previews are disabled`],
      ['GET', '/state', `${notIn}, and room previews are disabled`],
      ['GET', '/members', `${notIn}, and room previews are disabled`],
    ] as const;
    for (const [method, path, text] of attempts) {
      const answer = await api().call(method, `/rooms/${encodeURIComponent(roomId)}${path}`, {
        token: stranger.access,
        ...(method === 'GET' ? {} : { body: { user_id: owner.userId, typing: true } }),
      });
      expectRefusal(answer, { status: 403, body: error('M_FORBIDDEN', text) });
    }
  });
});
