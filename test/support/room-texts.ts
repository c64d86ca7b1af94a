import type { Person } from './rest.ts';

interface Message {
  readonly type: string;
  readonly sender: string;
  readonly content: { readonly body?: string };
}

/** What this sender has said in a room, in order. */
export async function textsIn(
  url: string,
  roomId: string,
  reader: Reader,
  sender: string,
): Promise<string[]> {
  const newestFirst: string[] = [];
  for (let from = ''; ; ) {
    const query = new URLSearchParams({ dir: 'b', limit: '100', ...(from === '' ? {} : { from }) });
    const response = await fetch(
      `${url}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages?${query}`,
      { headers: { authorization: `Bearer ${reader.tokens.access_token}` } },
    );
    const { chunk, end } = (await response.json()) as {
      readonly chunk: readonly Message[];
      readonly end?: string;
    };
    for (const event of chunk) {
      if (event.sender === sender && event.type === 'm.room.message')
        newestFirst.push(event.content.body ?? '');
    }
    if (end === undefined || chunk.length === 0) return newestFirst.toReversed();
    from = end;
  }
}

type Reader = Awaited<ReturnType<typeof Person.signIn>>;
