/** The style of the page: dark and light, from a phone's width on. */

export const STYLE = `
:root { color-scheme: light dark; --back: #fbfaf8; --card: #fff; --ink: #1d1f23; --soft: #62666e; --line: #e3e1dc;
  --accent: #b5482a; --right: #23744a; --wrong: #b3261e; --ran: #e6862f; --kept: #3f9a68;
  --c0: #c2512f; --c1: #2f6fb0; --c2: #3c8a57; --c3: #8a57b5; --c4: #b08a1e; --c5: #3d8f98; }
@media (prefers-color-scheme: dark) { :root { --back: #16181c; --card: #1f2227; --ink: #e9e7e3; --soft: #a1a5ad;
  --line: #34383f; --accent: #f0906f; --right: #6cc795; --wrong: #f2958d; --ran: #f0a55c; --kept: #62bd8b;
  --c0: #f0906f; --c1: #78b3ee; --c2: #77c795; --c3: #c297ea; --c4: #dcb84c; --c5: #6cc5cf; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
main, header > div, nav > div { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding: 44px 0 28px; }
h1 { font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; letter-spacing: -.02em; margin: 0 0 8px; }
header p { margin: 0; color: var(--soft); max-width: 80ch; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; margin: 26px 0 0; padding: 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; font-size: 1.45rem; font-weight: 650; letter-spacing: -.01em; }
.facts small { display: block; font-size: .75rem; font-weight: 400; color: var(--soft); letter-spacing: 0; }
nav { position: sticky; top: 0; z-index: 2; background: color-mix(in srgb, var(--back) 88%, transparent);
  backdrop-filter: blur(8px); border-block: 1px solid var(--line); }
nav > div { display: flex; gap: 20px; overflow-x: auto; padding-block: 10px; scrollbar-width: none; }
nav a { color: var(--soft); text-decoration: none; font-size: .9rem; white-space: nowrap; }
nav a:hover, nav a:focus-visible { color: var(--accent); }
section { padding: 30px 0 8px; scroll-margin-top: 40px; }
h2 { font-size: 1.4rem; letter-spacing: -.01em; margin: 0 0 14px; }
h3 { font-size: .95rem; margin: 22px 0 8px; color: var(--soft); font-weight: 600; }
figure { margin: 0 0 22px; padding: 18px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
figcaption { margin-top: 12px; font-size: .88rem; color: var(--soft); }
figcaption b { color: var(--ink); } figcaption .number { color: var(--ink); font-weight: 650; }
.definitions { margin-top: 10px; } .definitions dt { font-weight: 600; font-size: .85rem; margin-top: 8px; } .definitions dd { margin: 0; font-size: .85rem; color: var(--soft); }
th small { display: block; font-weight: 400; }
.confusion td { text-align: center; min-width: 3em; } .confusion thead th { white-space: normal; min-width: 6em; vertical-align: bottom; text-align: center; }
.confusion .hit { background: color-mix(in srgb, var(--right) var(--share), transparent); } .confusion .miss { background: color-mix(in srgb, var(--wrong) var(--share), transparent); } .confusion .zero { color: var(--soft); }
.duplicate { color: var(--wrong); }
small { font-size: .78rem; color: var(--soft); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .78rem; }
pre { overflow: auto; margin: 8px 0 0; padding: 12px; background: var(--back); border-radius: 8px; }
summary { cursor: pointer; color: var(--soft); font-size: .82rem; }
summary:hover { color: var(--accent); }
button { font: inherit; font-size: .8rem; padding: 3px 12px; margin-top: 8px; border: 1px solid var(--line); border-radius: 7px;
  background: var(--card); color: var(--ink); cursor: pointer; }
button:hover { border-color: var(--accent); }
.scroll { overflow: auto; max-height: 34rem; max-width: 100%; }
.scroll[data-wide]::before { content: "scrolls sideways →"; position: sticky; left: 0; display: block; width: max-content;
  font-size: .75rem; color: var(--soft); padding-bottom: 4px; }
.scroll:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; font-size: .86rem; font-variant-numeric: tabular-nums; width: 100%; }
th, td { text-align: right; padding: 7px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; font-size: .78rem; }
.scroll:has(.variants) { max-height: 92vh; } .variants th, .variants td { padding-inline: 5px; } .variants .place { text-align: left; }
.variants thead th { white-space: normal; vertical-align: bottom; position: sticky; top: 0; background: var(--card); }
.variants tbody th { font-weight: 500; } .variants td small { display: block; font-weight: 400; } .variants .best { font-weight: 700; color: var(--right); }
table td small, .published small { display: block; } .differs .verdict { color: var(--wrong); } .reproduced .verdict { color: var(--right); }
main a { color: var(--accent); } td a, th a, main td a, main th a { color: inherit; text-decoration-color: var(--soft); } header a { color: var(--accent); }
tr.mean > * { font-weight: 650; }
tr.wrong td, small.wrong { color: var(--wrong); } small.right { color: var(--right); }
.copies { display: flex; flex-wrap: wrap; gap: 6px 18px; margin-top: 10px; }
.copies details[open] { flex-basis: 100%; min-width: 0; }
.made { margin-top: 8px; } .made div { margin-top: 6px; font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; }
.made p { margin: 4px 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 18px; }
.readable:focus-visible { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 6px; } .readable output { display: block; min-height: 2.4em; font-size: .8rem; }
.chart-title { margin: 0 0 4px; font-size: .85rem; font-weight: 600; } .rule { stroke: var(--accent); stroke-width: 1; }
.chart { width: 100%; height: auto; display: block; } .chart text { fill: var(--soft); font-size: 12px; }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; } circle { fill: var(--c); }
.line.dashed { stroke-dasharray: 5 4; opacity: .8; }
${[0, 1, 2, 3, 4, 5].map((i) => `.c${i} { --c: var(--c${i}); }`).join(" ")}
.mark { fill: var(--c); stroke: var(--c); } .mark.hollow { fill: var(--card); stroke-width: 1.6; } .mark.cross { stroke-width: 2; }
.legend svg { width: 12px; height: 12px; margin-right: 6px; vertical-align: -1px; }
.parallel path { fill: none; stroke: color-mix(in oklab, var(--c0) var(--share), var(--c1)); stroke-width: 1.5; opacity: .8; }
.parallel text { paint-order: stroke; stroke: var(--card); stroke-width: 4px; } .scroll:has(.parallel) { max-height: none; } .single { max-width: 700px; }
.bar::before { content: ""; display: block; height: 12px; width: var(--share); min-width: 1px; background: var(--c1); border-radius: 2px; } td.bar { width: 60%; min-width: 120px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 6px 0 0; padding: 0; list-style: none; font-size: .8rem; color: var(--soft); }
.legend i { display: inline-block; width: 18px; margin-right: 6px; vertical-align: middle; border-top: 2.5px solid var(--c); }
.legend i.dashed { border-top-style: dashed; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(172px, 1fr)); gap: 12px; flex: 1; min-width: 0; align-items: start; }
.card { border: 1px solid var(--line); border-radius: 10px; padding: 9px; background: var(--back); min-width: 0; scroll-margin-top: 60px; }
.card p, .whole p { margin: 6px 0 0; font-size: .84rem; line-height: 1.35; }
.views { display: flex; gap: 6px; align-items: center; } .views > .picture { flex: 1 1 0; min-width: 0; }
.like { color: var(--soft); }
.picture { position: relative; display: block; padding: 0; margin: 0; border: 0; background: none; border-radius: 6px; cursor: zoom-in; width: 100%; }
.picture:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
dialog { border: 1px solid var(--line); border-radius: 12px; background: var(--card); color: var(--ink); padding: 16px; max-width: min(94vw, 760px); }
dialog::backdrop { background: rgb(0 0 0 / .6); }
dialog p { font-size: .85rem; color: var(--soft); margin: 8px 0 0; } .shown { position: relative; }
.shown img { display: block; width: min(82vw, 680px); max-height: 70vh; height: auto; border-radius: 6px; }
.picture img { display: block; width: 100%; height: auto; border-radius: 6px; }
.picture i, .shown i { position: absolute; border: 2px solid #fff; outline: 1.5px solid #d33a1c; outline-offset: -1px; border-radius: 2px; }
.row { display: flex; gap: 18px; padding: 16px 0; border-bottom: 1px solid var(--line); }
.row:first-child { padding-top: 0; } .row:last-child { border-bottom: 0; }
.whole { flex: 0 0 150px; }
.row > .scroll { flex: 1; min-width: 0; max-height: none; }
.decision caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.decision th, .decision td { padding: 5px 8px; vertical-align: middle; } .decision thead th { white-space: normal; min-width: 5.2em; max-width: 9em; vertical-align: bottom; }
.decision tbody th { white-space: normal; text-align: left; font-weight: 400; font-size: .8rem; min-width: 9em; } .decision .views { width: 112px; margin-bottom: 3px; }
.decision td:nth-of-type(n+2) { white-space: nowrap; } .decision .sum > * { font-weight: 650; border-top: 1.5px solid var(--soft); } .decision .rest > * { color: var(--soft); }
.drawing.scroll { max-height: none; } .pipeline { display: block; margin: 0 auto; width: 100%; height: auto; }
.pipeline rect { fill: var(--back); stroke: var(--line); } .pipeline .ran rect { stroke: var(--ran); }
.pipeline .reused rect { stroke: var(--kept); } .pipeline path { fill: none; stroke: var(--soft); opacity: .45; }
.pipeline text { fill: var(--ink); font-size: 13px; } .pipeline .note { fill: var(--soft); font-size: 11px; }
.params td { text-align: left; white-space: normal; overflow-wrap: anywhere; } .params th:nth-child(n) { text-align: left; } .overridden > * { color: var(--accent); font-weight: 600; } p.overridden { color: var(--accent); font-size: .85rem; }
.none { color: var(--soft); }
footer { color: var(--soft); font-size: .8rem; padding: 24px 0 48px; }
@media (max-width: 640px) { .row { flex-direction: column; } .whole { flex: none; width: 150px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); } figure { padding: 13px; } main, header > div, nav > div { padding-inline: 14px; } }
`;
