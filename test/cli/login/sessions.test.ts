import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeOnBoth } from '../../support/both.ts';
import { Person } from '../../support/rest.ts';
import { placeIn } from './place.ts';

describeOnBoth('logout, sessions and devices', { accessTokenLifetimeMs: 300_000 }, (context) => {
  test('sessions lists what a store holds', async () => {
    const place = await placeIn(context);
    expect(await place.run(['sessions'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no file bot.db'),
    });
    await place.login();
    await place.login('--session', 'second');
    const list = await place.run(['sessions']);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    const each = `: ${place.user.userId}\\n  device    MAM\\w+\\n  token     number 1; ends in .*; it renews itself\\n`;
    expect(list.stdout).toMatch(new RegExp(`^default${each}second${each}$`));
    const json = await place.run(['sessions', '--json', '--session', 'second']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      store: 'bot.db',
      sessions: [{ session: 'second', userId: place.user.userId, generation: 1, refreshable: true }],
    });
  });

  test('logout ends the session there and here, and says so again where there is none', async () => {
    const place = await placeIn(context);
    const { homeserver, proxy, user } = place;
    await place.login();
    expect(await homeserver.devices(user.userId)).toHaveLength(1);
    const out = await place.run(['logout', proxy.url]);
    expect(out).toMatchObject({ code: 0, stderr: '' });
    expect(out.stdout).toMatch(
      new RegExp(`^${user.userId} is logged out, and its device MAM\\w+ is removed\\.`),
    );
    expect(await homeserver.devices(user.userId)).toEqual([]);
    const again = await place.run(['logout', proxy.url, '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ loggedOut: false, store: 'bot.db', session: 'default' });
    const nowhere = await place.run(['logout', '--store', 'none.db']);
    expect(nowhere).toMatchObject({ code: 0, stdout: 'There is no session "default" in none.db.\n' });
    expect(existsSync(join(place.folder, 'none.db'))).toBe(false);
  });

  test('logout deletes what is stored although the homeserver is away, and says what is left there', async () => {
    const place = await placeIn(context);
    const { proxy } = place;
    await place.login();
    await proxy.away();
    const out = await place.run(['logout', proxy.url]);
    expect(out.code).toBe(1);
    expect(out.stderr).toMatch(/did not take the logout[\s\S]*remove the device MAM\w+/);
    expect((await place.run(['sessions'])).stdout).toBe('There is no session in bot.db.\n');
  });

  test('devices lists them, and removes what this module made and nobody uses', async () => {
    const place = await placeIn(context);
    const { homeserver, proxy, user } = place;
    await place.login();
    await place.login('--session', 'second');
    const own = await homeserver.devices(user.userId);
    const old = ['MAM0123456789AB', 'MAMDOCTOR0123456789AB'];
    for (const deviceId of [...old, 'ELEMENT']) {
      const { tokens } = await Person.signIn(homeserver.url, user, { deviceId });
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      await fetch(`${homeserver.url}/_matrix/client/v3/account/whoami`, { headers });
    }
    const args = ['devices', proxy.url, '--store', 'bot.db'];
    const list = await place.run(args);
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toContain(`${user.userId} has 5 devices:\n`);
    expect(list.stdout).toMatch(/^ {2}MAM\w+ .*; this session$/m);
    expect(list.stdout).toMatch(/^ {2}MAM\w+ .*; another session in the store$/m);
    expect(list.stdout).not.toContain('stale');

    // Synapse notes the last use some seconds later.
    const seen = async () => {
      const { devices } = JSON.parse((await place.run([...args, '--json'])).stdout) as {
        devices: { deviceId: string; lastSeenAt?: number }[];
      };
      return devices.filter(({ lastSeenAt }) => lastSeenAt !== undefined).length;
    };
    await expect.poll(seen, { timeout: 30_000, interval: 500 }).toBe(5);

    const nothing = await place.run([...args, '--remove']);
    expect(nothing.stdout).toContain('Nothing was removed');
    const unasked = await place.run([...args, '--remove', '--unused-for', '0']);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('there is no terminal to ask for the password in');
    const wrong = await place.run([...args, '--remove', '--unused-for', '0', '--password-stdin'], {
      input: 'canary-pw-of-nobody',
    });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/No device was removed: .*/);
    expect(await homeserver.devices(user.userId)).toHaveLength(5);

    const removed = await place.run(
      [...args, '--remove', '--unused-for', '0', '--password-stdin', '--json'],
      {
        input: `${user.password}\n`,
      },
    );
    expect(removed.code).toBe(0);
    expect((JSON.parse(removed.stdout) as { removed: string[] }).removed.toSorted()).toEqual(old);
    expect((await homeserver.devices(user.userId)).toSorted()).toEqual(['ELEMENT', ...own].toSorted());
  });

  test('devices of the environment’s token', async () => {
    const place = await placeIn(context);
    const { tokens } = await Person.signIn(place.homeserver.url, place.user, { deviceId: 'ELEMENT' });
    const env = { HOMESERVER_URL: place.proxy.url, ACCESS_TOKEN: tokens.access_token };
    const list = await place.run(['devices'], { env });
    expect(list).toMatchObject({ code: 0, stderr: '' });
    expect(list.stdout).toMatch(/has 1 device:\n {2}ELEMENT .*this session\n$/);
    expect(await place.run(['devices'], { env: { HOMESERVER_URL: place.proxy.url } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Or name a session store with --store'),
    });
    expect(await place.run(['devices', '--unused-for', 'long'], { env })).toMatchObject({ code: 2 });
  });
});
