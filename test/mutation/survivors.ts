/** A mutant that lives, because it does what the code does. */
export interface Explained {
  readonly file: string;
  /** The code in question, as it stands, and what stands there in the mutant. */
  readonly code: string;
  readonly mutant: string;
  readonly because: string;
}

const proseOnly = 'A state that has nothing but a description, which is prose.';
const keyTellsApart = 'The key has only to tell the states apart, and so does the opposite answer.';

export const explained: readonly Explained[] = [
  // machine
  {
    file: 'src/machines/auth/machine.ts',
    code: "{ description: 'The token does not expire, or nothing can be done ahead of its end.' }",
    mutant: '{}',
    because: proseOnly,
  },
  {
    file: 'src/machines/auth/machine.ts',
    code: "{ description: 'No token works; requests wait.' }",
    mutant: '{}',
    because: proseOnly,
  },
  // paths
  {
    file: 'src/statechart/paths/edges.ts',
    code: "'matrix-auth-machine.edge'",
    mutant: '""',
    because: 'Any name will do that no action of the machine has.',
  },
  {
    file: 'src/statechart/paths/explore.ts',
    code: '[]',
    mutant: '["Stryker was here"]',
    because: 'Where no case is given, a text instead of one is for no event, so it never happens.',
  },
  {
    file: 'src/machines/auth/model/state-key.ts',
    code: 'loginRefused !== undefined',
    mutant: 'loginRefused === undefined',
    because: keyTellsApart,
  },
  {
    file: 'src/machines/auth/model/state-key.ts',
    code: 'session === undefined',
    mutant: 'session !== undefined',
    because: keyTellsApart,
  },
  {
    file: 'src/machines/auth/model/state-key.ts',
    code: '(context.notBefore ?? 0) > Date.now()',
    mutant: '(context.notBefore ?? 0) <= Date.now()',
    because: keyTellsApart,
  },
  {
    file: 'src/machines/auth/model/state-key.ts',
    code: 'expiresAt <= Date.now()',
    mutant: 'expiresAt > Date.now()',
    because: keyTellsApart,
  },
  {
    file: 'src/statechart/paths/shortest-routes.ts',
    code: 'this.#onwards.set(key, routes);',
    mutant: ';',
    because: 'It only saves the same search.',
  },
  // fetch
  {
    file: 'src/adapters/fetch/auth-fetch.ts',
    code: 'response.body?.cancel',
    mutant: 'response.body.cancel',
    because: 'A refusal is kept only if its body was read and said so: it has one.',
  },
  {
    file: 'src/adapters/fetch/auth-fetch.ts',
    code: '{ return undefined; }',
    mutant: '{}',
    because: 'A function that ends without a return returns undefined.',
  },
  {
    file: 'src/adapters/fetch/gate.ts',
    code: 'signal?.reason',
    mutant: 'signal.reason',
    because: 'Only the signal calls this, so there is one.',
  },
  {
    file: 'src/adapters/fetch/call.ts',
    code: "''",
    mutant: '"Stryker was here!"',
    because: 'No header: a text without a bearer token, whichever it is.',
  },
  // homeserver
  {
    file: 'src/adapters/homeserver/discovery.ts',
    code: "address.kind === 'url'",
    mutant: 'true',
    because: 'An address that is a server name has no url: undefined comes of it either way.',
  },
  {
    file: 'src/adapters/homeserver/discovery.ts',
    code: '{ return undefined; }',
    mutant: '{}',
    because: 'A function that ends without a return returns undefined.',
  },
  {
    file: 'src/adapters/homeserver/homeserver.ts',
    code: '{ return undefined; }',
    mutant: '{}',
    because: 'A function that ends without a return returns undefined.',
  },
  {
    file: 'src/adapters/homeserver/answers.ts',
    code: "''",
    mutant: '"Stryker was here!"',
    because: 'No header: a text that is neither a number nor a date, whichever it is.',
  },
  // sessions
  {
    file: 'src/adapters/sessions/keeper.ts',
    code: '{ result: undefined }',
    mutant: '{}',
    because: 'The result is undefined either way.',
  },
  {
    file: 'src/adapters/sessions/keeper.ts',
    code: "done.result.kind === 'renewed'",
    mutant: 'true',
    because: 'What was refused has no session: nothing was issued either way.',
  },
  {
    file: 'src/adapters/sessions/keeper.ts',
    code: 'current !== undefined',
    mutant: 'true',
    because:
      'Where there was a session in use, there is one: only restore takes it away, and nothing renews before that is done.',
  },
  {
    file: 'src/adapters/sessions/keeper.ts',
    code: 'current.generation > result.session.generation',
    mutant: 'current.generation >= result.session.generation',
    because:
      'A renewal has its generation alone: what is in use with the same one is its own session, which is not adopted while it is written.',
  },
  {
    file: 'src/adapters/sessions/keeper.ts',
    code: 'this.current?.generation',
    mutant: 'this.current.generation',
    because: 'Only the session in use is changed, so there is one, and only restore takes it away.',
  },
  {
    file: 'src/adapters/sessions/unwritten.ts',
    code: '{ result: undefined }',
    mutant: '{}',
    because: 'The result is undefined either way.',
  },
  {
    file: 'src/adapters/sessions/login-budget.ts',
    code: 'loginBudgetFullAt > latest.full',
    mutant: 'loginBudgetFullAt >= latest.full',
    because: 'Where the two are equal, one is as good as the other.',
  },
  {
    file: 'src/adapters/sessions/login-budget.ts',
    code: 'loginNotBefore > latest.notBefore',
    mutant: 'loginNotBefore >= latest.notBefore',
    because: 'Where the two are equal, one is as good as the other.',
  },
  {
    file: 'src/adapters/sessions/shared/encryption.ts',
    code: '{ authTagLength: TAG_BYTES, }',
    mutant: '{}',
    because: 'The tag is as long as that: what is taken for one is cut to it, of data that has as much.',
  },
  {
    file: 'src/adapters/sessions/leadership.ts',
    code: '{ result: undefined }',
    mutant: '{}',
    because: 'The result is undefined either way.',
  },
  {
    file: 'src/adapters/sessions/leadership.ts',
    code: '{ result: false }',
    mutant: '{}',
    because: 'No result is no lead, as false is.',
  },
  {
    file: 'src/adapters/sessions/leadership.ts',
    code: 'record?.leader?.holder',
    mutant: 'record?.leader.holder',
    because: 'Without a leader in the record, what is thrown is caught, and nothing is written either way.',
  },
  {
    file: 'src/adapters/sessions/leadership.ts',
    code: 'record?.leader',
    mutant: 'record.leader',
    because: 'Without a leader in the record, what is thrown is caught, and nothing is written either way.',
  },
  // sqlite
  ...[
    [
      '{ throw new SessionStoreError( `This Node.js (${process.version}) has no node:sqlite. Use Node.js 22.18 or later, best 24.15 or later, and not the option --no-experimental-sqlite.`, { permanent: true }, ); }',
      '{}',
    ],
    [
      'throw new SessionStoreError( `This Node.js (${process.version}) has no node:sqlite. Use Node.js 22.18 or later, best 24.15 or later, and not the option --no-experimental-sqlite.`, { permanent: true }, );',
      ';',
    ],
  ].map(([code = '', mutant = '']) => ({
    file: 'src/adapters/sessions/sqlite/database.ts',
    code,
    mutant,
    because:
      'Only a Node.js without node:sqlite gets there: a test starts one, and no mutant is alive in it.',
  })),
  {
    file: 'src/adapters/sessions/sqlite/file.ts',
    code: 'stats === undefined',
    mutant: 'false',
    because:
      'The real path of the directory was read just before: it is missing only if it is removed between the two.',
  },
  ...['true', "error instanceof Error || 'code' in error"].map((mutant) => ({
    file: 'src/adapters/sessions/sqlite/file.ts',
    code: "error instanceof Error && 'code' in error",
    mutant,
    because: 'What node:fs throws is an error, and has a code.',
  })),
  {
    file: 'src/adapters/sessions/sqlite/file.ts',
    code: 'process.getegid?.()',
    mutant: 'process.getegid()',
    because: 'Only Windows lacks this function, and there nobody asks for the group.',
  },
  {
    file: 'src/adapters/sessions/sqlite/file.ts',
    code: 'process.geteuid?.()',
    mutant: 'process.geteuid()',
    because: 'Only Windows lacks this function, and there nobody asks for the group.',
  },
  ...[
    ['{ this.#running.delete(run); }', '{}'],
    ['this.#running.delete(run);', ';'],
  ].map(([code = '', mutant = '']) => ({
    file: 'src/adapters/sessions/sqlite/handle.ts',
    code,
    mutant,
    because: 'Frees memory: close waits for what is settled already for no time.',
  })),
  {
    file: 'src/adapters/sessions/sqlite/sessions.ts',
    code: 'watches.delete(stop);',
    mutant: ';',
    because: 'Frees memory: to stop a watch once more has no effect.',
  },
  // postgres
  ...[
    ['{ running.delete(run); }', '{}'],
    ['running.delete(run);', ';'],
  ].map(([code = '', mutant = '']) => ({
    file: 'src/adapters/sessions/postgres/sessions.ts',
    code,
    mutant,
    because: 'Frees memory: close waits for what is settled already for no time.',
  })),
  {
    file: 'src/adapters/sessions/postgres/errors.ts',
    code: 'code === undefined',
    mutant: 'false',
    because: "The expression sees the text 'undefined' then, which is no SQLSTATE either.",
  },
  {
    file: 'src/adapters/sessions/postgres/listener.ts',
    code: 'payload?.startsWith',
    mutant: 'payload.startsWith',
    because:
      'Every notification of PostgreSQL has a payload, empty if need be: only the type leaves it open.',
  },
  {
    file: 'src/adapters/sessions/postgres/listener.ts',
    code: '{ signal, ref: false }',
    mutant: '{}',
    because:
      'Whether a process stays alive for it is seen from outside only: a test starts one, and no mutant is alive in it.',
  },
  {
    file: 'src/adapters/sessions/postgres/listener.ts',
    code: "'SELECT 1'",
    mutant: '""',
    because: 'An empty query asks as much of the connection.',
  },
  ...[
    ["'unref' in client && typeof client.unref === 'function'", 'true'],
    [
      "'unref' in client && typeof client.unref === 'function'",
      "'unref' in client || typeof client.unref === 'function'",
    ],
    ["typeof client.unref === 'function'", 'true'],
  ].map(([code = '', mutant = '']) => ({
    file: 'src/adapters/sessions/postgres/listener.ts',
    code,
    mutant,
    because: "Only the driver's native client lacks the method, and it is not installed here.",
  })),
  {
    file: 'src/adapters/sessions/postgres/listener.ts',
    code: 'false',
    mutant: 'true',
    because:
      'Whether a process stays alive for a wait is seen from outside only: a test starts one, and no mutant is alive in it.',
  },
];
