/**
 * What tokens look like: Synapse's (`syt_`, `syr_`, `syl_`, `sya_`), those of matrix-authentication-service (`mat_`,
 * `mct_`, `mcr_`, `mar_`, `mpt_`, `mac_`), and JWTs. The first group is what tells the kind.
 */
const TOKEN = /(?<![A-Za-z0-9])(?:(sy[trla]_|ma[ctr]_|mc[tr]_|mpt_)[\w-]{8,}|(eyJ)[\w-]{8,}(?:\.[\w-]*)*)/g;

/** Whatever it looks like, this is a token; one that is redacted already is left alone. */
const BEARER = /\b(Bearer\s+)(?!\S*\*{3})[^\s"',;]{8,}/gi;

/** The text with `***` in place of each token, after the letters that tell its kind: `syt_***`, `Bearer ***`. */
export function redact(text: string): string {
  return text.replace(TOKEN, '$1$2***').replace(BEARER, '$1***');
}

/** Where the first token of the text is; -1 if there is none. */
export function tokenIndex(text: string): number {
  return text.search(TOKEN);
}
