import { svgOf, tall, wide } from '../map/index.ts';
import { htmlOf } from './document.ts';
import { escapeHtml } from './escape.ts';
import { framed } from './frame.ts';
import { words } from './words.ts';

export interface BotPage {
  readonly id: string;
  readonly name: string;
  /** The version of the page's code. */
  readonly page: string;
  /** There are other bots, and a page of all. */
  readonly others: boolean;
}

const pictures = `${svgOf(wide)}${svgOf(tall)}`;

/** A name and its value, which the page's script fills in. What a word means is said where one points at it. */
const pair = (name: string, id: string) => {
  const meaning = words[name];
  const shown = meaning === undefined ? name : `<abbr title="${escapeHtml(meaning)}">${name}</abbr>`;
  return `<div><dt>${shown}</dt><dd id="${id}">–</dd></div>`;
};

const glossary = Object.entries(words)
  .map(([word, meaning]) => `<dt>${word}</dt><dd>${escapeHtml(meaning)}</dd>`)
  .join('');

export function botPage({ id, name, page, others }: BotPage): string {
  const start = others
    ? '<a class="home" href="/">All bots</a>'
    : '<span class="home">matrix-auth-machine</span>';
  const content = `
<main id="main" class="bot" tabindex="-1" data-tone="off">
  <section class="hero" aria-labelledby="name">
    <h1 id="name">${escapeHtml(name)}</h1>
    <p id="user" class="user"></p>
    <p id="place" class="place"></p>
    <p class="state"><span class="lamp" aria-hidden="true"></span><span id="state">…</span><span id="reason" class="badge" hidden></span></p>
    <p id="headline" class="headline"></p>
    <p id="since" class="since"></p>
  </section>

  <section class="card token" aria-label="The token">
    <div class="clocks">
      <div class="clock"><h2 id="next-name">Next step</h2><p id="next" class="figure">–</p><p id="next-at" class="at"></p></div>
      <div class="clock"><h2>Token expires in</h2><p id="expires" class="figure">–</p><p id="expires-at" class="at"></p></div>
    </div>
    <div id="life" class="life" aria-hidden="true" hidden><span class="lived"></span><span class="due"></span></div>
  </section>

  <section class="card help" aria-label="What it waits for, and what to do">
    <div><h2>What to do</h2><p id="todo" class="todo"></p>
      <details id="advice-part" hidden><summary>For whoever configures the bot</summary><p id="advice"></p></details></div>
    <div><h2>Waits for</h2><p id="waits"></p></div>
    <div id="trouble-part" hidden><h2>Last trouble</h2><p id="trouble"></p></div>
  </section>

  <section class="card map" aria-label="The statechart">
    ${pictures}
    <p class="caption">From any state, <code>stop</code> leads to <em>stopped</em>, a logout to <em>failed</em>, and a session that another process has renewed to <em>reconnecting</em>.</p>
  </section>

  <section class="card history" aria-labelledby="history">
    <h2 id="history">What has happened</h2>
    <ol id="visits" tabindex="0" aria-labelledby="history"></ol>
  </section>

  <section class="card numbers" aria-labelledby="numbers">
    <h2 id="numbers">Counted since <span id="counted-since">watching began</span></h2>
    <dl class="pairs">
      ${pair('Refreshes', 'refreshes')}
      ${pair('Logins', 'logins')}
      ${pair('Messages received', 'received')}
      ${pair('Messages sent', 'delivered')}
      ${pair('Messages to be sent', 'outgoing')}
      ${pair('Requests held now', 'held')}
      ${pair('Requests refused', 'rejections')}
      ${pair('Failed attempts', 'troubles')}
      ${pair('Failures', 'failures')}
      ${pair('Without a token', 'without-token')}
      ${pair('Last renewal took', 'refresh-took')}
      ${pair('Last reconnect took', 'reconnect-took')}
    </dl>
  </section>

  <section class="card session" aria-labelledby="session">
    <h2 id="session">Session and process</h2>
    <dl class="pairs">
      ${pair('Device', 'device')}
      ${pair('Token’s fingerprint', 'fingerprint')}
      ${pair('Generation', 'generation')}
      ${pair('Token obtained', 'obtained')}
      ${pair('Homeserver', 'homeserver')}
      ${pair('Host', 'host')}
      ${pair('Process', 'process')}
      ${pair('Process began', 'started')}
      ${pair('Version', 'version')}
    </dl>
    <h3>Refused, by request and meaning</h3>
    <dl id="refusals" class="list"></dl>
    <p id="no-refusals" class="none">None.</p>
  </section>

  <details class="card words"><summary>What the words mean</summary><dl>${glossary}</dl></details>
</main>`;
  const footer = `No token and no password is on this page. As JSON: <a href="/frames?bot=${id}">frames</a>, <a href="/readyz">readiness</a>.`;
  return htmlOf({
    title: name,
    body: { 'data-view': 'bot', 'data-stream': `/events?bot=${id}`, 'data-page': page },
    script: '/page.js',
    content: framed(start, content, footer),
  });
}
