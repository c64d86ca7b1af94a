export const base = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  padding: 0 clamp(16px, 3vw, 40px) 32px;
  background: var(--ground);
  color: var(--text);
  font: 15px/1.5 var(--sans);
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, dl, dd, ol { margin: 0; padding: 0; }
h2, h3, dt, thead th { font-size: 13px; font-weight: 500; color: var(--soft); }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--edge); }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
main:focus { outline: none; }
[hidden] { display: none !important; }
code, .user, #device, #fingerprint { font-family: var(--mono); font-size: 0.92em; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: 16px; top: -60px; padding: 8px 14px; background: var(--card); z-index: 2; }
.skip:focus { top: 12px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 20px 22px; }
.badge {
  display: inline-block; padding: 1px 8px; border-radius: 99px; font-size: 12px; font-weight: 500; line-height: 18px;
  color: var(--ink, var(--soft)); background: var(--tint, var(--line)); white-space: nowrap;
}
.dot { width: 9px; height: 9px; border-radius: 50%; background: var(--ink, var(--soft)); flex: none; }
.none { color: var(--soft); }
.top { display: flex; justify-content: space-between; align-items: center; max-width: 1320px; margin: 0 auto; padding: 18px 0; color: var(--soft); font-size: 14px; }
.link { display: inline-flex; gap: 8px; align-items: center; }
[data-link='live'] .link { --ink: var(--live); }
[data-link='lost'] .link, [data-link='crowded'] .link { --ink: var(--person); color: var(--person); }
.lost {
  position: sticky; top: 0; z-index: 1; max-width: 1320px; margin: 0 auto 16px; padding: 12px 18px; border-radius: 12px;
  color: var(--person); background: color-mix(in srgb, var(--person) 12%, var(--card)); border: 1px solid color-mix(in srgb, var(--person) 40%, var(--card));
}
[data-link='lost'] main { filter: saturate(0.25); }
[data-link='lost'] .lamp { animation: none; }
main { max-width: 1320px; margin: 0 auto; }
footer { max-width: 1320px; margin: 28px auto 0; color: var(--soft); font-size: 13px; }
.plain { max-width: 560px; padding-top: 12vh; }
.plain h1 { font-size: 26px; line-height: 1.25; margin-bottom: 18px; }
.plain form { display: grid; gap: 10px; }
.plain input, .plain button {
  font: inherit; padding: 10px 14px; border-radius: 10px; border: 1px solid var(--edge); background: var(--card); color: var(--text);
}
.plain button { justify-self: start; cursor: pointer; }
.plain #message { color: var(--person); min-height: 1.5em; }
`;
