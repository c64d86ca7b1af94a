/** The text without what looks like an access token, a refresh token or a login token. */
export function masked(text: string): string {
  return text.replace(/\b(sy[trl]_|mat_|mct_|mcr_)\w+/g, '$1***').replace(/(Bearer )\S+/g, '$1***');
}
