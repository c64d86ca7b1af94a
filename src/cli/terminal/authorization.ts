import type { AuthorizationRequest } from '../../ports/index.ts';
import { oneLine, when } from '../words.ts';

/** Where it is shown. */
export interface Screen {
  /** Somebody looks at it, who may point a camera at it. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

/** What a person has to do so that the sign-in goes on: a link, a code to compare, and the link as a QR code. */
export async function authorizationText(
  { message, link, code, expiresAt }: AuthorizationRequest,
  { isTerminal, columns }: Screen,
  now = Date.now(),
): Promise<string> {
  const address = link === undefined ? undefined : oneLine(link, 2_000);
  const picture = address !== undefined && isTerminal ? await qrCode(address) : undefined;
  const fits = picture !== undefined && picture.every((line) => line.length <= columns);
  const lines = [
    oneLine(message, 600),
    '',
    ...(address === undefined ? [] : [`  Link: ${address}`]),
    ...(code === undefined ? [] : [`  Code: ${oneLine(code)}`]),
    ...(expiresAt === undefined ? [] : [`  Good until: ${when(expiresAt, now)}`]),
    ...(fits ? ['', ...picture.map((line) => `  ${line}`)] : []),
    '',
    'Waiting until it is approved. Ctrl-C ends it; nothing is stored then.',
  ];
  return `${lines.join('\n')}\n`;
}

/** The light parts are drawn, since most terminals are dark. Cameras read it the other way round, too. */
async function qrCode(text: string): Promise<string[]> {
  const { renderUnicodeCompact } = await import('uqr');
  return renderUnicodeCompact(text, { border: 2 }).split('\n');
}
