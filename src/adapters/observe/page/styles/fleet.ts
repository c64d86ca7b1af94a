export const fleet = `
.fleet h1 { font-size: clamp(34px, 5vw, 52px); font-weight: 650; letter-spacing: -0.03em; line-height: 1.1; }
.sum { margin-top: 8px; font-size: 17px; color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: center; margin: 22px 0 16px; }
.search { flex: 1 1 220px; max-width: 340px; }
.search input {
  width: 100%; font: inherit; color: inherit; padding: 9px 14px; border-radius: 10px; border: 1px solid var(--edge); background: var(--card);
}
.search input::placeholder { color: var(--soft); opacity: 1; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; }
.chip {
  font: inherit; font-size: 14px; color: var(--text); padding: 6px 12px; border-radius: 99px; border: 1px solid var(--line);
  background: var(--card); cursor: pointer;
}
.chip:hover { border-color: var(--edge); }
.chip[aria-pressed='true'] { background: var(--text); border-color: var(--text); color: var(--card); }
.chip .count { margin-left: 4px; font-weight: 600; }
.chip[data-none]:not([aria-pressed='true']) { color: var(--soft); }
.table { padding: 6px 0; overflow: hidden; }
.table .none { padding: 14px 22px; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 11px 12px; text-align: left; vertical-align: top; font-weight: 400; }
th:first-child, td:first-child { padding-left: 22px; }
th:last-child, td:last-child { padding-right: 22px; }
tbody tr { border-top: 1px solid var(--line); }
tbody tr[data-tone='person'], tbody tr[data-tone='locked'] { background: var(--tint); }
tbody th a { display: block; font-weight: 600; color: var(--text); text-decoration: none; overflow-wrap: anywhere; }
tbody th a:hover { text-decoration: underline; }
.fleet .user { display: block; color: var(--soft); font-size: 12.5px; overflow-wrap: anywhere; }
td.state { white-space: nowrap; }
td.state .dot { display: inline-block; margin-right: 9px; }
td.state strong { font-weight: 600; color: var(--ink); }
td.state .detail { display: block; padding-left: 18px; color: var(--soft); font-size: 13px; }
td.about { max-width: 46ch; font-size: 14px; }
td.since, td.next, td.held { white-space: nowrap; color: var(--soft); font-size: 14px; }
@media (max-width: 899px) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tbody tr, tbody th, tbody td { display: block; }
  tbody tr { position: relative; padding: 14px 18px; content-visibility: auto; contain-intrinsic-size: auto 120px; }
  tbody tr:first-child { border-top: 0; }
  tbody th, tbody td, th:first-child, td:first-child, th:last-child, td:last-child { padding: 0; }
  td.state { margin: 6px 0; white-space: normal; }
  td.state .detail { display: inline; padding-left: 8px; }
  td.since, td.next { display: inline-block; vertical-align: baseline; }
  td.since::before { content: 'for '; }
  td.next { margin-left: 14px; }
  td.next[data-none] { display: none; }
  td.held { display: none; }
}
`;
