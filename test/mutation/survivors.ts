/** A mutant that lives, because it does what the code does. */
export interface Explained {
  readonly file: string;
  /** The code in question, as it stands, and what stands there in the mutant. */
  readonly code: string;
  readonly mutant: string;
  readonly because: string;
}

export const explained: readonly Explained[] = [
  // fetch
  {
    file: 'src/adapters/fetch/auth-fetch.ts',
    code: 'refusal?.body?.cancel',
    mutant: 'refusal?.body.cancel',
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
];
