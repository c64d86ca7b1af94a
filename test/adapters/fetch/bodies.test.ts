import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { json, startTinyServer } from '../homeserver/tiny-server.ts';
import { Harness, unknownToken } from './harness.ts';

const UPLOAD = '/_matrix/media/v3/upload?filename=x';

async function setUp() {
  const server = await startTinyServer((response, { headers }) =>
    headers.authorization === 'Bearer token-2' ? json(response, 200, {}) : json(response, 401, unknownToken),
  );
  return { server, session: new Harness({ homeserver: server.url }), url: `${server.url}${UPLOAD}` };
}

const bytes = randomBytes(200_000);
const form = () => {
  const data = new FormData();
  data.set('name', 'wörth');
  data.set('file', new Blob([bytes], { type: 'image/png' }), 'a.png');
  return data;
};

/** A multipart body without its boundary, which is new in each request. */
function withoutBoundary(body: Buffer, type: string | undefined): string {
  const boundary = /boundary=(.+)$/.exec(type ?? '')?.[1];
  const text = body.toString('latin1');
  return boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
}

describe('a body that can be sent again is sent again, byte for byte', () => {
  it.each<[string, () => NonNullable<RequestInit['body']>]>([
    ['a string', () => JSON.stringify({ body: 'hellö' })],
    ['an ArrayBuffer', () => new Uint8Array(bytes).buffer],
    ['a Uint8Array', () => new Uint8Array(bytes)],
    ['a Blob', () => new Blob([bytes], { type: 'image/png' })],
    ['URLSearchParams', () => new URLSearchParams({ a: '1 2', b: 'ü' })],
    ['FormData', form],
  ])('%s', async (_, body) => {
    const { server, session, url } = await setUp();
    const asRequest = session.fetch(new Request(url, { method: 'POST', body: body() }));
    const asInit = session.fetch(url, { method: 'POST', body: body() });
    await session.rejected(2);
    session.renew();
    expect([(await asRequest).status, (await asInit).status]).toEqual([200, 200]);
    const plain = await fetch(url, {
      method: 'POST',
      body: body(),
      headers: { Authorization: 'Bearer token-2' },
    });
    expect(plain.status).toBe(200);

    const reference = server.seen.at(-1);
    const wanted = withoutBoundary(reference?.body ?? Buffer.of(), reference?.headers['content-type']);
    expect(server.seen).toHaveLength(5);
    for (const seen of server.seen) {
      const type = seen.headers['content-type'];
      expect(type?.replace(/boundary=.*/, '')).toBe(
        reference?.headers['content-type']?.replace(/boundary=.*/, ''),
      );
      expect(withoutBoundary(seen.body, type) === wanted).toBe(true);
    }
  });
});

describe('a stream', () => {
  const streams: readonly (readonly [string, () => RequestInit['body']])[] = [
    ['a ReadableStream', () => new Blob([bytes]).stream()],
    ['a Readable of Node', () => Readable.from([bytes]) as unknown as ReadableStream],
    [
      'a generator',
      async function* () {
        yield bytes;
      } as unknown as () => ReadableStream,
    ],
  ];
  const post = (body: RequestInit['body']) =>
    ({ method: 'POST', body, duplex: 'half' }) as unknown as RequestInit;

  it.each(streams)('%s waits for a usable token before it is sent', async (_, body) => {
    const { server, session, url } = await setUp();
    session.move('waiting');
    const answer = session.fetch(url, post(body() as ReadableStream));
    expect(session.held).toBe(1);
    session.renew();
    expect((await answer).status).toBe(200);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.body.equals(bytes)).toBe(true);
  });

  it.each(streams)('%s that is refused is sent again, byte for byte', async (_, body) => {
    const { server, session, url } = await setUp();
    const answer = session.fetch(url, post(body() as ReadableStream));
    await session.rejected(1);
    session.renew();
    expect((await answer).status).toBe(200);
    expect(server.seen).toHaveLength(2);
    expect(server.seen.every((seen) => seen.body.equals(bytes))).toBe(true);
  });

  it('inside of a Request is kept, so that it can be sent again', async () => {
    const { server, session, url } = await setUp();
    const answer = session.fetch(new Request(url, post(new Blob([bytes]).stream())));
    await session.rejected(1);
    session.renew();
    expect((await answer).status).toBe(200);
    expect(server.seen.every(({ body }) => body.equals(bytes))).toBe(true);
    expect(server.seen).toHaveLength(2);
  });
});
