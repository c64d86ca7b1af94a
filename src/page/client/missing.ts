/** The page of a bot that is not there: goes on to it when it is. */
export function missing(): void {
  const PAUSE_MS = 5_000;

  async function look(): Promise<void> {
    const response = await fetch(location.pathname, { method: 'HEAD', cache: 'no-store' }).catch(
      () => undefined,
    );
    if (response !== undefined && response.status !== 404) location.reload();
  }

  setInterval(() => void look(), PAUSE_MS);
}
