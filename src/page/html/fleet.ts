import type { AuthState } from '../../observe/index.ts';
import { htmlOf } from './document.ts';
import { escapeHtml } from './escape.ts';
import { framed } from './frame.ts';
import { words } from './words.ts';

const states: readonly AuthState[] = [
  'failed',
  'locked',
  'restoring',
  'refreshing',
  'reconnecting',
  'valid',
  'stopped',
];

const chip = (state: AuthState) =>
  `<button type="button" class="chip" data-state="${state}" aria-pressed="false" title="${escapeHtml(words[state] ?? '')}">${state} <span class="count">0</span></button>`;

const columns = ['Bot', 'State', 'What to know', 'For', 'Next', 'Held'];

// The roles are spelled out because narrow screens lay the table out as blocks, which takes them away.
const column = (name: string) => `<th scope="col" role="columnheader">${name}</th>`;

export function fleetPage(page: string): string {
  const content = `
<main id="main" class="fleet" tabindex="-1">
  <h1>Bots</h1>
  <p id="sum" class="sum" role="status"></p>
  <div class="tools">
    <label class="search"><span class="unseen">Find a bot by its name or user id</span><input id="search" type="search" placeholder="Find a bot" autocomplete="off" spellcheck="false"></label>
    <div class="chips" role="group" aria-label="Only bots in the state">${states.map(chip).join('')}</div>
  </div>
  <div class="card table">
    <table role="table">
      <thead role="rowgroup"><tr role="row">${columns.map(column).join('')}</tr></thead>
      <tbody id="bots" role="rowgroup"></tbody>
    </table>
    <p id="none" class="none" hidden>No bot fits.</p>
  </div>
</main>`;
  const footer =
    'No token and no password is on this page. As JSON: <a href="/frames">frames</a>, <a href="/readyz">readiness</a>.';
  return htmlOf({
    title: 'Bots',
    body: { 'data-view': 'fleet', 'data-stream': '/events', 'data-page': page },
    script: '/page.js',
    content: framed('<span class="home">matrix-auth-machine</span>', content, footer),
  });
}
