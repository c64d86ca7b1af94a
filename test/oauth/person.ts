import type { Browser, Page } from 'playwright-core';

/** A person with a real Chromium, who opens links and decides on the pages of an OAuth 2.0 server. */
export class PersonInChromium {
  readonly #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Signs in under this name and approves; resolves with the text of the page after that. */
  approve(link: string, username: string): Promise<string> {
    return this.#inTab(link, async (page) => {
      await page.getByLabel('User name').fill(username);
      await page.getByRole('button', { name: 'Approve' }).click();
    });
  }

  deny(link: string): Promise<string> {
    return this.#inTab(link, (page) => page.getByRole('button', { name: 'Deny' }).click());
  }

  /** In a tab with nothing remembered. A code that the link brings is compared first. */
  async #inTab(link: string, decide: (page: Page) => Promise<void>): Promise<string> {
    const context = await this.#browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(link);
      const isCompared = page.getByRole('button', { name: 'Yes, go on' });
      const isAsked = page.getByRole('button', { name: 'Approve' });
      await isCompared.or(isAsked).waitFor();
      if (await isCompared.isVisible()) await isCompared.click();
      await isAsked.waitFor();
      await decide(page);
      // The answer is there when the page is another one.
      await isAsked.waitFor({ state: 'detached' });
      return await page.locator('body').innerText();
    } finally {
      await context.close();
    }
  }
}
