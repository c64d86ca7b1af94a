import { defaultLoginBudget, SessionKeeper } from '../../src/adapters/sessions/index.ts';
import { Secret, type SessionStore } from '../../src/index.ts';

export async function keeperOf(store: SessionStore, name: string): Promise<SessionKeeper> {
  const keeper = new SessionKeeper({ store, name, budget: defaultLoginBudget });
  await keeper.restore({}, () => Promise.reject(new Error('There is no given token to ask about.')));
  return keeper;
}

let issued = 0;

/** Exchanges the refresh token of the session, at a homeserver that answers at once. */
export async function rotate(keeper: SessionKeeper): Promise<void> {
  const result = await keeper.rotate(keeper.current?.generation ?? 0, async () => {
    issued += 1;
    return {
      ok: true,
      value: {
        accessToken: new Secret(`at-${process.pid}-${issued}`),
        refreshToken: new Secret(`rt-${process.pid}-${issued}`),
        expiresInMs: 3_600_000,
        sentAt: Date.now(),
      },
    };
  });
  if (result.kind !== 'renewed')
    throw new Error(`The rotation was ${result.kind}: ${JSON.stringify(result)}`);
}
