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
/* Each row is laid out for itself, and not at all while it is out of sight: one change in a thousand rows costs one row. */
table, thead, tbody { display: block; }
tr {
  display: grid; gap: 0 24px; align-items: baseline; padding: 11px 22px;
  grid-template-columns: minmax(0, 1.5fr) minmax(0, 1.1fr) minmax(0, 3fr) 56px 128px 44px;
}
tbody tr { border-top: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 68px; }
th, td { padding: 0; text-align: left; font-weight: 400; min-width: 0; }
tbody tr[data-tone='person'], tbody tr[data-tone='locked'] { background: var(--tint); }
tbody th a { display: block; font-weight: 600; color: var(--text); text-decoration: none; overflow-wrap: anywhere; }
tbody th a:hover { text-decoration: underline; }
.fleet .user { display: block; color: var(--soft); font-size: 12.5px; overflow-wrap: anywhere; }
td.state { white-space: nowrap; }
td.state .dot { display: inline-block; margin-right: 9px; }
td.state strong { font-weight: 600; color: var(--ink); }
td.state .detail { display: block; padding-left: 18px; color: var(--soft); font-size: 13px; }
td.about { max-width: 60ch; font-size: 14px; }
td.since, td.next, td.held { white-space: nowrap; color: var(--soft); font-size: 14px; }
@media (max-width: 699px) {
  .chips { flex-wrap: nowrap; overflow-x: auto; max-width: 100%; padding-bottom: 4px; }
  .chip { flex: none; }
  .chip[data-none]:not([aria-pressed='true']) { display: none; }
}
@media (max-width: 899px) {
  .table { padding: 0; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: block; padding: 14px 18px; contain-intrinsic-size: auto 120px; }
  tbody tr:first-child { border-top: 0; }
  th, td { display: block; }
  td.state { margin: 6px 0; white-space: normal; }
  td.state .detail { display: inline; padding-left: 8px; }
  td.since, td.next { display: inline-block; vertical-align: baseline; }
  td.since::before { content: 'for '; }
  td.next { margin-left: 14px; }
  td.next[data-none], td.held { display: none; }
}
`;
