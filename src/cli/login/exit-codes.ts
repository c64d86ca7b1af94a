export const exitCodesText = `
Exit codes:
  0    signed in, or signed in already
  1    refused, not approved, locked, or the session is another user's
  2    not reachable, not now, or a command line that cannot be carried out
  130  interrupted by Ctrl-C
`;
