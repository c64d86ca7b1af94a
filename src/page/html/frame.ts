/** What the pages that follow a stream have around them. */
export function framed(start: string, content: string, footer: string): string {
  return `
<a class="skip" href="#main">Skip to the state</a>
<header class="top">
  ${start}
  <span class="link"><span class="dot" aria-hidden="true"></span><span id="link-state" role="status">connecting</span></span>
</header>
<p id="lost" class="lost" role="alert" hidden></p>
<noscript><p class="lost">This page needs JavaScript. The same is at <a href="/frames">/frames</a> as JSON.</p></noscript>
${content}
<footer>${footer}</footer>
<p id="say" class="unseen" aria-live="polite"></p>`;
}
