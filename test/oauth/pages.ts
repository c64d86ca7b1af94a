import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Provider } from 'oidc-provider';

/** The resource that tokens are for: the API of the homeserver. */
export const RESOURCE = 'urn:matrix:client';
const PATH = '/interaction/';

/** The page on which a person signs in and approves, in place of those that oidc-provider has for developers. */
export function isInteraction(url: string): boolean {
  return url.startsWith(PATH);
}

export function interactionPath(uid: string): string {
  return `${PATH}${uid}`;
}

/** Shows the page, or takes what was decided on it. */
export async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      page(
        'Sign in',
        '<form method="post"><label>User name <input name="username" autocomplete="username"></label>' +
          '<button name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button></form>',
      ),
    );
    return;
  }
  const form = new URLSearchParams(await text(request));
  const accountId = form.get('username') ?? '';
  if (form.get('decision') !== 'approve') {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  grant.addResourceScope(RESOURCE, String(params['scope']));
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId }, consent });
}

/** The pages of the device grant. `form` has to be in the page; its buttons belong to it by its id. */
export const devicePages = {
  ask: (form: string) => page('Which code?', `${form}<button form="op.deviceInputForm">Go on</button>`),
  confirm: (form: string, code: string) =>
    page(
      'Sign in a device',
      `<p>Does the device show <code>${code}</code>?</p>${form}` +
        '<button form="op.deviceConfirmForm">Yes, go on</button>' +
        '<button form="op.deviceConfirmForm" name="abort" value="yes">No</button>',
    ),
  approved: page('Approved', '<p>The device is signed in.</p>'),
};

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}`;
}
