import { Secret, type SignIn } from '../../../src/index.ts';

/** A kind of sign-in that the package does not have. */
export function sharedSecret({
  username,
  secret,
}: {
  readonly username: string;
  readonly secret: string;
}): SignIn {
  const password = new Secret(secret);
  return {
    kind: 'shared-secret',
    reusable: true,
    attended: false,
    account: { name: username, isUser: (userId) => userId.startsWith(`@${username}:`) },
    advice: { refused: 'Check the shared secret.', unsupported: 'This homeserver knows no shared secrets.' },
    begin: ({ homeserver, deviceId, deviceDisplayName, refreshTokens, signal }) =>
      homeserver.login(
        {
          flow: { type: 'm.login.password', identifier: { type: 'm.id.user', user: username }, password },
          deviceId,
          deviceDisplayName,
          refreshToken: refreshTokens,
        },
        { signal },
      ),
  };
}

/** The same way, once a person has approved it. */
export function approval(way: SignIn): { readonly way: SignIn; readonly approve: () => void } {
  const approved = Promise.withResolvers<void>();
  return {
    approve: approved.resolve,
    way: {
      ...way,
      kind: 'approval',
      attended: true,
      async begin(context) {
        context.ask({ message: 'Approve the bot.', link: 'https://example.org/link', code: 'ABCD' });
        const aborted = new Promise<void>((_, reject) => {
          context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
        });
        await Promise.race([approved.promise, aborted]);
        return way.begin(context);
      },
    },
  };
}
