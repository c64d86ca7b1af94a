import type { StoreAddress } from '../source/source.ts';

/** What the bot's environment and its code have to hold, so that it finds the session, and what it has to have installed. */
export interface Lines {
  readonly packages: readonly string[];
  readonly environment: readonly string[];
  readonly code: readonly string[];
}

export function linesFor(homeserverUrl: string, address: StoreAddress, kind: string | undefined): Lines {
  const isSqlite = address.kind === 'sqlite';
  const options = storeOptions(address);
  const store = isSqlite
    ? `sqliteSessions(${quoted(address.place)}${options})`
    : `postgresSessions(new pg.Pool({ connectionString: process.env.DATABASE_URL })${options})`;
  const name = address.session === 'default' ? '' : `, sessionName: ${quoted(address.session)}`;
  return {
    packages: [
      'matrix-auth-machine',
      'xstate',
      ...(isSqlite ? [] : ['pg']),
      ...(kind === 'oauth' ? ['oauth4webapi'] : []),
    ],
    environment: [
      `HOMESERVER_URL=${homeserverUrl}`,
      ...(isSqlite ? [] : ['DATABASE_URL=…']),
      ...address.keys.flatMap(({ key }) => ('env' in key ? [`${key.env}=…`] : [])),
    ],
    code: [
      ...(isSqlite ? [] : ["import pg from 'pg';"]),
      "import { createMatrixAuth } from 'matrix-auth-machine';",
      isSqlite
        ? "import { sqliteSessions } from 'matrix-auth-machine/sqlite';"
        : "import { postgresSessions } from 'matrix-auth-machine/postgres';",
      `const auth = createMatrixAuth({ sessions: ${store}${name} });`,
    ],
  };
}

function storeOptions({ namespace, keys, sharedWithGroup }: StoreAddress): string {
  const sources = keys.map(({ id, key }) => {
    const source = 'env' in key ? `env: ${quoted(key.env)}` : `file: ${quoted(key.file)}`;
    return `{ id: ${quoted(id)}, key: { ${source} } }`;
  });
  const options = [
    ...(namespace === undefined ? [] : [`namespace: ${quoted(namespace)}`]),
    ...(sources.length === 0 ? [] : [`keys: [${sources.join(', ')}]`]),
    ...(sharedWithGroup ? ['sharedWithGroup: true'] : []),
  ];
  return options.length === 0 ? '' : `, { ${options.join(', ')} }`;
}

/** As a string of JavaScript. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&').replace(/\p{Cc}/gu, ' ')}'`;
}
