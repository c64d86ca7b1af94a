export const bot = `
.bot { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr); }
.hero { padding: 4px 2px 8px; }
.hero h1 { font-size: 20px; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
.hero .user, .hero .place { color: var(--soft); overflow-wrap: anywhere; }
.hero .place { font-size: 13px; }
[data-unknown] .hero .state { font-size: clamp(30px, 3.6vw, 50px); flex-wrap: nowrap; }
abbr[title] { text-decoration: underline dotted var(--edge); text-underline-offset: 3px; cursor: help; }
summary { cursor: pointer; color: var(--soft); font-size: 13px; }
details p { margin-top: 6px; font-size: 14px; }
.help details { margin-top: 10px; }
.words { grid-column: 1 / -1; }
.words dl { display: grid; grid-template-columns: minmax(100px, max-content) minmax(0, 1fr); gap: 6px 20px; margin-top: 14px; font-size: 14px; }
.words dt { color: var(--text); font-size: 14px; }
.words dd { color: var(--soft); }
.hero .state {
  display: flex; align-items: center; flex-wrap: wrap; gap: 0 18px; margin-top: 22px; color: var(--ink);
  font-size: clamp(44px, 7vw, 76px); font-weight: 650; line-height: 1.05; letter-spacing: -0.035em;
}
.hero .badge { font-size: 14px; line-height: 22px; padding: 2px 12px; letter-spacing: 0; }
.lamp {
  width: 0.3em; height: 0.3em; margin-left: 0.1em; border-radius: 50%; background: var(--ink); flex: none;
  box-shadow: 0 0 0 0.1em color-mix(in srgb, var(--ink) 18%, transparent);
}
.headline { margin-top: 14px; font-size: clamp(17px, 1.6vw, 21px); line-height: 1.4; text-wrap: balance; }
.since { color: var(--soft); margin-top: 2px; }

.clocks { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 16px 20px; }
.figure { font-size: clamp(32px, 3.4vw, 46px); font-weight: 600; line-height: 1.15; letter-spacing: -0.025em; }
.at { color: var(--soft); font-size: 13px; min-height: 1.5em; }
.life { position: relative; height: 8px; margin-top: 16px; border-radius: 4px; background: var(--line); }
.lived { position: absolute; inset: 0 auto 0 0; width: var(--lived, 0%); border-radius: 4px; background: var(--ink); }
.due { position: absolute; top: -5px; bottom: -5px; left: var(--next, 100%); width: 2px; margin-left: -1px; border-radius: 1px; background: var(--text); }

.help { display: grid; gap: 16px; align-content: start; border-color: color-mix(in srgb, var(--ink) 35%, var(--line)); }
[data-urgent] .hero { order: -2; }
[data-urgent] .help { order: -1; background: var(--tint); }
[data-urgent] .todo { font-size: 17px; font-weight: 500; line-height: 1.45; }
[data-urgent] .help h2 { color: var(--ink); }
.help p { overflow-wrap: anywhere; }

.history { display: flex; flex-direction: column; min-height: 0; padding: 20px 0 0; overflow: hidden; }
.history h2 { padding: 0 22px 12px; border-bottom: 1px solid var(--line); }
#visits { list-style: none; overflow-y: auto; max-height: 440px; overscroll-behavior: contain; }
#visits:focus-visible { outline-offset: -3px; }
#visits li { display: grid; grid-template-columns: auto auto minmax(0, 1fr) auto; gap: 0 12px; padding: 11px 22px; align-items: baseline; }
#visits li + li { border-top: 1px solid var(--line); }
#visits time, .took { color: var(--soft); font-size: 13px; }
.where { line-height: 1.4; }
.where strong { font-weight: 600; color: var(--ink); }
.where .badge { margin-left: 6px; }
.why { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
#visits .gap { display: block; color: var(--soft); font-size: 13px; }

.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 16px 20px; margin-top: 14px; }
.pairs dd { font-size: 20px; font-weight: 600; line-height: 1.35; overflow-wrap: anywhere; }
.session .pairs dd { font-size: 15px; font-weight: 500; }
.session h3 { margin-top: 20px; }
.list { display: grid; grid-template-columns: max-content max-content; gap: 2px 20px; }
.list dt { color: var(--text); font-size: 15px; }

@media (min-width: 700px) {
  .bot { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .hero, .map, .history { grid-column: 1 / -1; }
}
@media (min-width: 1100px) {
  .bot { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) minmax(360px, 0.95fr); grid-template-rows: auto auto minmax(0, 1fr) auto; gap: 20px; }
  .hero { grid-column: 1 / 3; }
  .token { grid-column: 3; align-self: end; }
  .help { grid-column: 3; }
  .map { grid-column: 1 / 3; grid-row: 2 / span 2; }
  .numbers { grid-column: 1; grid-row: 4; }
  .session { grid-column: 2; grid-row: 4; }
  .history { grid-column: 3; grid-row: 3 / span 2; position: relative; min-height: 320px; }
  #visits { position: absolute; inset: 53px 0 0; max-height: none; }
  [data-urgent].bot { grid-template-rows: auto auto auto minmax(0, 1fr) auto; }
  [data-urgent] .help { grid-row: 1 / span 2; }
  [data-urgent] .token { grid-row: 3; align-self: start; }
  [data-urgent] .map { grid-row: 2 / span 3; }
  [data-urgent] .history { grid-row: 4 / span 2; }
  [data-urgent] .numbers, [data-urgent] .session { grid-row: 5; }
}
@media (prefers-reduced-motion: no-preference) {
  .lamp { animation: breathe 3.2s ease-in-out infinite; }
  .state, .lived { transition: color 0.15s; }
}
@keyframes breathe {
  50% { box-shadow: 0 0 0 0.18em color-mix(in srgb, var(--ink) 8%, transparent); }
}
`;
