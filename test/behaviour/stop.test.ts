import type { MatrixClient } from 'matrix-js-sdk';
import { expect, it, onTestFinished, vi } from 'vitest';
import { matrixJsSdk } from '../../src/adapters/matrix-js-sdk/index.ts';
import { describeOnBoth, freshUser } from '../support/both.ts';
import { quietLogger } from '../support/bot.ts';
import { clientSession, connectNow } from '../support/client-session.ts';
import { Person } from '../support/rest.ts';

describeOnBoth('a client that is stopped', { accessTokenLifetimeMs: 120_000 }, ({ homeserver, proxy }) => {
  /** A client whose `beforeStart` runs until `go`. */
  async function starting() {
    const { tokens } = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const { promise: entered, resolve: enter } = Promise.withResolvers<MatrixClient>();
    const { promise: released, resolve: go } = Promise.withResolvers<void>();
    onTestFinished(() => go());
    const stops = { count: 0 };
    const port = matrixJsSdk({
      create: { logger: quietLogger },
      async beforeStart(client) {
        const stopClient = client.stopClient.bind(client);
        client.stopClient = () => {
          stops.count += 1;
          stopClient();
        };
        enter(client);
        await released;
      },
    });
    onTestFinished(() => port.stop());
    const connecting = port.connect(clientSession(proxy().url, tokens), connectNow());
    connecting.catch(() => undefined);
    return { port, tokens, connecting, client: await entered, stops, go };
  }

  it('stop() before the push rules have come: nothing that the SDK still sends fails unheard', async () => {
    const { tokens } = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const unheard = vi.fn();
    process.prependListener('unhandledRejection', unheard);
    onTestFinished(() => void process.off('unhandledRejection', unheard));
    const { promise: stopped, resolve: onStopped } = Promise.withResolvers<void>();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const port = matrixJsSdk({
      create: { logger: quietLogger },
      beforeStart(client) {
        const stopClient = client.stopClient.bind(client);
        client.stopClient = () => {
          stopClient();
          onStopped();
        };
        const getPushRules = client.getPushRules.bind(client);
        client.getPushRules = async () => {
          onAsked();
          await stopped;
          return getPushRules();
        };
      },
    });
    port.connect(clientSession(proxy().url, tokens), connectNow()).catch(() => undefined);
    await asked;
    await port.suspend();
    await vi.waitFor(() => expect(proxy().count({ path: '/pushrules/' })).toBe(1), 10_000);
    await new Promise(setImmediate);
    expect(unheard).not.toHaveBeenCalled();
  });

  it.each(['stop', 'suspend'] as const)(
    '%s() while beforeStart runs: waits for it, and ends the client',
    async (end) => {
      const { port, connecting, client, stops, go } = await starting();
      let over = false;
      const ending = port[end]().then(() => {
        over = true;
      });
      await new Promise(setImmediate);
      expect(over).toBe(false);
      go();
      await ending;
      expect(stops.count).toBeGreaterThan(0);
      expect(client.clientRunning).toBe(false);
      await expect(connecting).rejects.toThrow('stopped');
      const asked = proxy().requests.length;
      await expect(client.whoami()).rejects.toThrow('stopped');
      expect(proxy().requests).toHaveLength(asked);
    },
  );

  it.each(['stop', 'suspend'] as const)(
    '%s() while beforeStart hangs: gives it up, and the client sends nothing any more',
    async (end) => {
      const { port, client, stops, go } = await starting();
      await port[end]();
      expect(stops.count).toBe(1);
      const asked = proxy().requests.length;
      await expect(client.whoami()).rejects.toThrow('stopped');
      // What it made late, such as its crypto, is ended, too.
      go();
      await vi.waitFor(() => expect(stops.count).toBe(2), 10_000);
      expect(proxy().requests).toHaveLength(asked);
    },
  );

  it('suspend(), and connected again: there is a new client, after the old one’s end', async () => {
    const { port, tokens, client, go } = await starting();
    const suspending = port.suspend();
    const connecting = port.connect(clientSession(proxy().url, tokens), connectNow());
    expect(port.client).toBeUndefined();
    go();
    await Promise.all([suspending, connecting]);
    expect(port.client).not.toBe(client);
    expect(port.client?.clientRunning).toBe(true);
  });

  it('while onClient hangs, stop() ends, and nothing is delivered', async () => {
    const { tokens } = await Person.signIn(homeserver().url, await freshUser(homeserver()));
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    const port = matrixJsSdk({
      create: { logger: quietLogger },
      onClient: () => {
        enter();
        return new Promise<void>(() => {});
      },
    });
    const session = clientSession(proxy().url, tokens);
    const given = new AbortController();
    const connecting = port.connect(session, { ...connectNow(), signal: given.signal });
    connecting.catch(() => undefined);
    await entered;
    const saved = session.positions.length;
    await port.stop();
    given.abort();
    expect(port.client?.clientRunning).toBe(false);
    expect(session.positions).toHaveLength(saved);
  });
});
