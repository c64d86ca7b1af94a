export const diagram = `
.map { padding: 14px; }
.diagram { display: block; width: 100%; height: auto; }
.diagram.tall { display: none; max-width: 420px; margin: 0 auto; }
.diagram text { font: 500 13px var(--sans); fill: var(--soft); text-anchor: middle; dominant-baseline: central; }
.diagram .title { font-size: 15.5px; font-weight: 600; fill: var(--text); }
.diagram .box { fill: color-mix(in srgb, var(--ground) 55%, var(--card)); stroke: var(--line); stroke-width: 1.25; }
.diagram .step rect { fill: var(--card); stroke: var(--line); }
.diagram marker path { fill: var(--edge); fill: context-stroke; }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.5; opacity: 0; }
.edge.main { opacity: 1; }
.edge.trail { opacity: 1; stroke: color-mix(in srgb, var(--ink) 45%, var(--edge)); }
.edge.taken { opacity: 1; stroke: var(--ink); stroke-width: 2.25; }
.state.left .box { stroke: color-mix(in srgb, var(--ink) 55%, var(--edge)); stroke-dasharray: 5 4; }
.state.lit .box { fill: var(--tint); stroke: var(--ink); stroke-width: 2.25; }
.state.lit .title { fill: var(--ink); }
.step.lit rect { fill: var(--ink); stroke: var(--ink); }
.step.lit text { fill: var(--card); font-weight: 600; }
.caption { padding: 10px 8px 2px; color: var(--soft); font-size: 13px; }
.caption em { font-style: normal; color: var(--text); }
@media (max-width: 699px) {
  .diagram.wide { display: none; }
  .diagram.tall { display: block; }
}
@media (prefers-reduced-motion: no-preference) {
  .box, .step rect, .edge { transition: fill 0.12s, stroke 0.12s, opacity 0.12s; }
}
@media (forced-colors: active) {
  .state.lit .box { stroke: Highlight; stroke-width: 4; }
  .step.lit rect { fill: Highlight; }
  .step.lit text { fill: HighlightText; }
}
`;
