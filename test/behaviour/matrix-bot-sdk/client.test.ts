import type { MatrixClient } from 'matrix-bot-sdk';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type MatrixBotSdkOptions, matrixBotSdk } from '../../../src/adapters/matrix-bot-sdk/index.ts';
import { describeOnBoth, freshUser } from '../../support/both.ts';
import { botSdks, type RoomMessage, type Sdk } from '../../support/bot-sdk.ts';
import { rounds } from '../../support/long.ts';
import { clientSession, connectNow } from '../../support/client-session.ts';
import { Person } from '../../support/rest.ts';

/** In `npm test` the fork is left out where nothing of it differs. */
const someSdks = rounds<readonly Sdk[]>({ short: botSdks.slice(0, 1), long: botSdks });

/** More than a homeserver sends of one room. */
const MANY = 30;

describeOnBoth(
  'a client of matrix-bot-sdk',
  { accessTokenLifetimeMs: 120_000, messageRateLimit: { perSecond: 1_000, burst: 1_000 } },
  ({ homeserver, proxy }) => {
    async function signedIn(deviceId = 'ONE') {
      const user = await freshUser(homeserver());
      return { user, bob: await Person.signIn(homeserver().url, user, { deviceId }) };
    }
    async function inARoom() {
      const { user, bob } = await signedIn();
      const alice = await Person.signIn(homeserver().url, await freshUser(homeserver()));
      const roomId = await alice.createRoom();
      await bob.join(roomId);
      return { user, bob, alice, roomId };
    }

    describe.each(someSdks)('$name', (sdk: Sdk) => {
      /** A port whose clients note what they hear, and what number they have. */
      function listening(options: Partial<MatrixBotSdkOptions<MatrixClient>> = {}) {
        const heard: { text: string; client: number }[] = [];
        let clients = 0;
        const port = matrixBotSdk<MatrixClient>({
          create: ({ homeserverUrl, accessToken, storage }) => {
            const client = new sdk.MatrixClient(homeserverUrl, accessToken, storage);
            client.syncingTimeout = 2_000;
            return client;
          },
          MatrixError: sdk.MatrixError,
          ...options,
          onClient(client) {
            const number = (clients += 1);
            client.on('room.message', (_: string, { content: { body } }: RoomMessage) => {
              heard.push({ text: body, client: number });
            });
            return options.onClient?.(client);
          },
        });
        onTestFinished(() => port.stop());
        const texts = () => heard.map(({ text }) => text);
        return {
          port,
          heard,
          texts,
          hears: (text: string) => vi.waitFor(() => expect(texts()).toContain(text), 30_000),
        };
      }

      it('is replaced: the old one’s open request is given up, and what it would bring comes once, to the new one', async () => {
        const { user, bob, alice, roomId } = await inARoom();
        const { port, heard, hears } = listening();
        await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        const old = port.client;
        // It is on its way to the old client when that is retired.
        const held = proxy().inject({
          match: ({ query }) => query['timeout'] === '2000',
          fault: { kind: 'delay', delayMs: 1_000 },
        });
        await alice.say(roomId, 'first');
        await held.hit;
        const other = await Person.signIn(homeserver().url, user, { deviceId: 'TWO' });
        await port.connect(clientSession(proxy().url, other.tokens), connectNow());
        await alice.say(roomId, 'second');
        await hears('second');
        expect(port.client).not.toBe(old);
        const ofNew = heard.filter(({ client }) => client === 2).map(({ text }) => text);
        expect(heard.map(({ text }) => text)).toEqual(['first', 'second']);
        expect(ofNew).toContain('second');
      });

      it('that was given a new token of the same device goes on as it is', async () => {
        const { user, bob, alice, roomId } = await inARoom();
        const { port, texts, hears } = listening();
        await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        const { client } = port;
        const again = await Person.signIn(homeserver().url, user, { deviceId: 'ONE' });
        await port.connect(clientSession(proxy().url, again.tokens), connectNow());
        expect(port.client).toBe(client);
        expect(client?.accessToken).toBe(again.tokens.access_token);
        await alice.say(roomId, 'news');
        await hears('news');
        expect(texts()).toEqual(['news']);
      });

      it('at its first start: what was said before is no news, and an invitation of before is', async () => {
        const { bob, alice, roomId } = await inARoom();
        await alice.say(roomId, 'old');
        const invitedTo = await alice.createRoom([bob.userId]);
        const invitations: string[] = [];
        const { port, texts, hears } = listening({
          onClient: (client) => void client.on('room.invite', (room: string) => invitations.push(room)),
        });
        await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        await alice.say(roomId, 'news');
        await hears('news');
        expect(texts()).toEqual(['news']);
        expect(invitations).toEqual([invitedTo]);
      });

      it(`after an absence: ${MANY} messages, in order, each once, without an initial sync`, async () => {
        const { bob, alice, roomId } = await inARoom();
        const first = listening();
        const session = clientSession(proxy().url, bob.tokens);
        await first.port.connect(session, connectNow());
        await alice.say(roomId, 'before');
        await first.hears('before');
        await first.port.stop();
        const said = Array.from({ length: MANY }, (_, index) => `meanwhile ${index}`);
        for (const text of said) await alice.say(roomId, text);
        proxy().clear();
        const second = listening();
        await second.port.connect(
          clientSession(proxy().url, bob.tokens, session.positions.at(-1)),
          connectNow(),
        );
        await second.hears(said.at(-1) as string);
        expect(second.texts()).toEqual(said);
        expect(proxy().requests.every(({ path, query }) => !path.endsWith('/sync') || 'since' in query)).toBe(
          true,
        );
      });

      it('goes on from the position in the bot’s own storage, where the session store has none', async () => {
        const { bob, alice, roomId } = await inARoom();
        const values = new Map<string, string | null>();
        const storage = {
          setSyncToken: (token: string | null) => void values.set('since', token),
          getSyncToken: () => values.get('since') ?? null,
          setFilter: () => {},
          getFilter: () => null as never,
          storeValue: () => {},
          readValue: () => null,
        };
        const own = {
          create: ({ homeserverUrl, accessToken }: { homeserverUrl: string; accessToken: string }) =>
            new sdk.MatrixClient(homeserverUrl, accessToken, storage),
        };
        const first = listening(own);
        await first.port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        await alice.say(roomId, 'before');
        await first.hears('before');
        await first.port.stop();
        await alice.say(roomId, 'meanwhile');
        const second = listening(own);
        await second.port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        await second.hears('meanwhile');
        expect(second.texts()).toEqual(['meanwhile']);
      });

      it('whose stored position the homeserver does not know begins anew', async () => {
        const { bob, alice, roomId } = await inARoom();
        await alice.say(roomId, 'old');
        proxy().inject({
          match: ({ query }) => query['since'] === 'canary-position',
          fault: { kind: 'answer', status: 400, body: { errcode: 'M_UNKNOWN_POS' } },
          times: Number.POSITIVE_INFINITY,
        });
        const { port, texts, hears } = listening();
        await port.connect(clientSession(proxy().url, bob.tokens, 'canary-position'), connectNow());
        await alice.say(roomId, 'news');
        await hears('news');
        expect(texts()).toEqual(['news']);
      });

      it('starts although what it asks first fails for a while', async () => {
        const { bob } = await signedIn();
        proxy().inject({
          match: { path: '/joined_rooms' },
          fault: { kind: 'answer', status: 502, body: '<html>' },
        });
        proxy().inject({ match: { path: '/joined_rooms' }, fault: { kind: 'cut' } });
        const { port } = listening();
        await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        expect(proxy().count({ path: '/joined_rooms' })).toBe(3);
      });

      it('tells the bot of refusals as the SDK does', async () => {
        const { bob } = await signedIn();
        const { port } = listening();
        await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        const client = port.client as MatrixClient;
        const refusal = await client
          .sendText('!nowhere:example.org', 'text')
          .catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(sdk.MatrixError);
        expect(refusal).toMatchObject({
          errcode: 'M_FORBIDDEN',
          statusCode: 403,
          body: { errcode: 'M_FORBIDDEN' },
        });
        const match = { path: '/joined_rooms' };
        proxy().inject({
          match,
          fault: { kind: 'answer', status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 7 } },
        });
        await expect(client.getJoinedRooms()).rejects.toMatchObject({ statusCode: 429, retryAfterMs: 7 });
        proxy().inject({ match, fault: { kind: 'answer', status: 502, body: '<html>' } });
        await expect(client.getJoinedRooms()).rejects.toMatchObject({ statusCode: 502, body: '<html>' });
        await proxy().away();
        await expect(client.getJoinedRooms()).rejects.toMatchObject({
          code: expect.stringMatching(/^(ECONN|UND_ERR_)/),
        });
        await proxy().back();
        expect(await client.getJoinedRooms()).toEqual([]);
      });

      it('sends and fetches bytes', async () => {
        const { bob } = await signedIn();
        const { port } = listening();
        await port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        const client = port.client as MatrixClient;
        const body = { nested: { list: [1, null, 'ü'] } };
        await client.setAccountData('org.example.test', body);
        expect(await client.getAccountData('org.example.test')).toEqual(body);
        proxy().inject({
          match: { path: '/upload' },
          fault: { kind: 'answer', status: 200, body: { content_uri: 'mxc://example.org/1' } },
        });
        expect(await client.uploadContent(Buffer.from([0, 255, 10]), 'image/png', 'a b.png')).toBe(
          'mxc://example.org/1',
        );
        const [upload] = proxy().requests.filter(({ path }) => path.endsWith('/upload'));
        expect(upload).toMatchObject({ method: 'POST', query: { filename: 'a b.png' } });
        proxy().inject({
          match: { path: /\/download\// },
          fault: { kind: 'answer', status: 200, body: 'bytes', headers: { 'content-type': 'image/png' } },
        });
        expect(await client.downloadContent('mxc://example.org/1')).toEqual({
          data: Buffer.from('bytes'),
          contentType: 'image/png',
        });
      });

      it('whose setting up fails is not live, and the error is the bot’s own', async () => {
        const { bob } = await signedIn();
        const { port } = listening({ onClient: () => Promise.reject(new Error('no such table')) });
        await expect(port.connect(clientSession(proxy().url, bob.tokens), connectNow())).rejects.toThrow(
          'no such table',
        );
      });

      it.each(['onClient', 'beforeStart'] as const)('stop() ends while %s hangs', async (hook) => {
        const { bob } = await signedIn();
        const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
        const { port } = listening({
          [hook]: () => {
            enter();
            return new Promise<void>(() => {});
          },
        });
        const given = new AbortController();
        const connecting = port.connect(clientSession(proxy().url, bob.tokens), {
          ...connectNow(),
          signal: given.signal,
        });
        connecting.catch(() => undefined);
        await entered;
        await port.stop();
        given.abort();
        const asked = proxy().requests.length;
        await expect(port.client?.getJoinedRooms()).rejects.toThrow('stopped');
        expect(proxy().requests).toHaveLength(asked);
      });

      it('that is stopped while it waits for the homeserver asks nothing more', async () => {
        const { bob } = await signedIn();
        const { port } = listening();
        const slow = proxy().inject({ match: { path: '/sync' }, fault: { kind: 'hang' } });
        const connecting = port.connect(clientSession(proxy().url, bob.tokens), connectNow());
        connecting.catch(() => undefined);
        await slow.hit;
        await port.stop();
        proxy().clear();
        await expect(port.client?.getJoinedRooms()).rejects.toThrow('stopped');
        expect(proxy().requests).toEqual([]);
      });
    });
  },
);
