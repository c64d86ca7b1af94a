/** The page that asks for the token. It goes out in a header, never in an address, and comes back as a cookie. */
export function signIn(): void {
  const form = document.querySelector('form');
  const field = document.querySelector('input');
  const message = document.getElementById('message');
  if (form === null || field === null || message === null) return;

  async function offer(token: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch('/sign-in', { headers, cache: 'no-store' }).catch(() => undefined);
    if (response?.ok === true) location.replace(location.pathname);
    else if (message !== null) {
      message.textContent =
        response === undefined ? 'There was no answer. Is the bot running?' : 'That is not the token.';
      field?.focus();
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void offer(field.value.trim());
  });

  const [, given] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (given !== undefined) {
    history.replaceState(null, '', location.pathname);
    void offer(decodeURIComponent(given));
  }
}
