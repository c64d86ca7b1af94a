import { htmlOf } from './document.ts';

/** It looks again by itself: after a restart the bot may not be there yet. */
export const missingPage = htmlOf({
  title: 'No such bot',
  script: '/missing.js',
  content: `
<main class="plain">
  <h1>There is no such bot</h1>
  <p>It may not have begun yet; this page goes on to it when it does. <a href="/">All bots</a></p>
</main>`,
});

export const signInPage = htmlOf({
  title: 'Sign in',
  script: '/sign-in.js',
  content: `
<main class="plain">
  <h1>This page asks for its token</h1>
  <form method="dialog">
    <label for="token">The token that <code>serveAuthPage()</code> was given</label>
    <input id="token" type="password" autocomplete="current-password" required autofocus>
    <button>Go on</button>
    <p id="message" role="alert"></p>
  </form>
</main>`,
});
