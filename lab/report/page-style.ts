/** The style of a report's page: dark and light by the reader's preference, black on white in print, nothing loaded. */

/** The whole style sheet. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f5f7f9; --line: #d5dce2; --text: #15202b; --muted: #55626e;
  --good: #0a6640; --bad: #b3261e; --open: #ff6b4a55; --half-open: #f0c00066; --fault: #9b6bdf40; --other: #8aa0b040;
  --c0: #0b66b0; --c1: #c2410c; --c2: #0f7b5f; --c3: #7c3aed; --c4: #8a6d00; --c5: #be185d; --c6: #334155; --c7: #0e7490; }
@media (prefers-color-scheme: dark) { :root { --ground: #0e1418; --panel: #182026; --line: #33424d; --text: #e8eef3;
  --muted: #a3b0bb; --good: #6fd3a0; --bad: #ff8d73; --open: #ff6b4a4d; --half-open: #f0c0004d; --fault: #b794f64d;
  --other: #8aa0b033; --c0: #56b4e9; --c1: #ff9d6c; --c2: #5fd3b0; --c3: #c4a7ff; --c4: #f0c000; --c5: #ff8fc0; --c6: #cbd5e1;
  --c7: #67d8ef; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem; } h3 { margin: 1.2rem 0 .3rem; font-size: 1rem; }
p { margin: .3rem 0; } .quiet, figcaption { color: var(--muted); }
.verdict { margin: 1rem 0; padding: .7rem 1rem; border-left: .35rem solid var(--muted); background: var(--panel); font-size: 1.15rem;
  white-space: pre-line; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.ledger { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; margin: 1rem 0; }
.ledger div { min-width: 7rem; padding: .5rem .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: .4rem; }
.ledger dt { color: var(--muted); } .ledger dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; margin: 0; }
.facts dt { color: var(--muted); } .facts dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1.2rem 0; break-inside: avoid; } svg { display: block; width: 100%; height: auto; }
@media (max-width: 44rem) { figure .scroll > svg { width: 44rem; } }
figure h3 { margin: 0; } .legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .2rem 0 0; padding: 0; list-style: none; }
.legend svg { display: inline-block; width: 1.9rem; height: .7rem; margin-right: .35rem; }
svg text { font-size: 11px; fill: var(--muted); } .axis { text-anchor: middle; } .axis.end { text-anchor: end; }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 1.7; stroke-linejoin: round; }
.look-0 { stroke: var(--c0); } .look-1 { stroke: var(--c1); stroke-dasharray: 6 2; } .look-2 { stroke: var(--c2); stroke-dasharray: 2 2; }
.look-3 { stroke: var(--c3); stroke-dasharray: 8 2 2 2; } .look-4 { stroke: var(--c4); stroke-dasharray: 12 3; }
.look-5 { stroke: var(--c5); stroke-dasharray: 1 3; } .look-6 { stroke: var(--c6); stroke-dasharray: 5 5; } .look-7 { stroke: var(--c7); stroke-dasharray: 3 1; }
.heat { stroke: var(--line); } .heat.bad { fill: var(--bad); } .heat.good { fill: var(--good); } svg text.cell { fill: var(--text); }
.heat-none rect { fill: var(--panel); stroke: var(--line); } .heat-none path { fill: none; stroke: var(--bad); stroke-opacity: .6; }
.ring { fill: none; stroke: var(--text); stroke-width: 3; } .dot { fill: var(--ground); stroke-width: 2; stroke-dasharray: none; }
.zero { stroke: var(--text); } .whisker { stroke: var(--muted); }
.span.open rect { fill: var(--open); } .span.half-open rect { fill: var(--half-open); } .span.fault rect { fill: var(--fault); }
.span.other rect { fill: var(--other); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; } .number { text-align: right; }
.events td:first-child, .events td:nth-child(2) { white-space: nowrap; color: var(--muted); } .events .bad td:last-child { color: var(--bad); }
.events .good td:last-child { color: var(--good); } .events td { overflow-wrap: anywhere; }
@media print { :root { color-scheme: light; --ground: #fff; --panel: #fff; --line: #999; --text: #000; --muted: #333; }
  body { max-width: none; padding: 0; font-size: 10pt; } h2 { break-after: avoid; } tr { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
`;
