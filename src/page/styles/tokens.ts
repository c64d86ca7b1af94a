/** Colours and measures. One accent for each tone of a state; `--ink` is its text, `--tint` the ground beneath it. */
export const tokens = `
:root {
  color-scheme: light dark;
  --ground: #f5f5f2;
  --card: #ffffff;
  --line: #e4e4de;
  --edge: #c9cbc8;
  --text: #1a1d22;
  --soft: #596170;
  --focus: #1d4ed8;
  --live: #15803d;
  --serving: #1d4ed8;
  --waiting: #a34a05;
  --locked: #7e22ce;
  --person: #b91c1c;
  --off: #525c6b;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Open Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1014;
    --card: #161920;
    --line: #262b35;
    --edge: #444b59;
    --text: #eceef2;
    --soft: #9aa4b5;
    --focus: #93b4ff;
    --live: #4cd68a;
    --serving: #7aa9ff;
    --waiting: #f5b544;
    --locked: #c79bff;
    --person: #ff8080;
    --off: #a3acbb;
  }
}
[data-tone='live'] { --ink: var(--live); }
[data-tone='serving'] { --ink: var(--serving); }
[data-tone='waiting'] { --ink: var(--waiting); }
[data-tone='locked'] { --ink: var(--locked); }
[data-tone='person'] { --ink: var(--person); }
[data-tone='off'] { --ink: var(--off); }
[data-tone] { --tint: color-mix(in srgb, var(--ink) 10%, var(--card)); }
`;
