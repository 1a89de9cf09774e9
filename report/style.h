// The style sheet of a report.
#pragma once

namespace report {

inline constexpr const char* kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --paper: #fbfbfa; --card: #ffffff; --ink: #1d2126; --muted: #667080; --line: #e1e4e8;
  --series0: #3465c8; --series1: #c2570c; --series2: #0f8a6b; --series3: #a8327e; --series4: #7a6a00;
  --bar: #9db7ea; --hit: #18794e; --hit-fill: #dff3e6; --miss: #9aa2ad; --bad: #b3261e; --mark: #ffe9a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --ink: #e6e8eb; --muted: #98a2b0; --line: #31363e;
    --series0: #8fb1ff; --series1: #f2a35e; --series2: #5fd0ad; --series3: #ee8fca; --series4: #d9c64a;
    --bar: #3d5a99; --hit: #63cf97; --hit-fill: #16382a; --miss: #6c7684; --bad: #ff8f85; --mark: #5a4a12;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main, header, footer { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.02em; }
h2 { font-size: 1.25rem; margin: 44px 0 6px; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 26px 0 10px; }
p { margin: 6px 0; }
.muted, .lead { color: var(--muted); }
.lead { max-width: 72ch; }
nav { margin: 16px 0 0; display: flex; flex-wrap: wrap; gap: 6px 18px; }
a { color: var(--series0); text-decoration: none; }
a:hover { text-decoration: underline; }
.caption, .source, .name-of { unicode-bidi: isolate; overflow-wrap: anywhere; }
.warning {
  border-left: 4px solid var(--series1); background: var(--card); padding: 8px 14px; margin: 14px 0;
  border-radius: 0 8px 8px 0;
}
.series0 { --own: var(--series0); } .series1 { --own: var(--series1); }
.series2 { --own: var(--series2); } .series3 { --own: var(--series3); }
.series4 { --own: var(--series4); }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; background: var(--own); margin-right: .4em; }
.scroll { overflow-x: auto; margin: 10px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 7px 12px; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th:first-child, td:first-child { text-align: left; padding-left: 2px; padding-right: 28px; }
td:first-child, thead th { white-space: nowrap; }
thead th { color: var(--muted); font-weight: 500; font-size: .88rem; }
thead th.name-of { white-space: normal; }
tbody tr:last-child td { border-bottom: 0; }
.note { display: block; white-space: normal; max-width: 26ch; color: var(--muted); font-size: .8rem; line-height: 1.3; }
td b { font-weight: 650; }
.interval { color: var(--muted); font-size: .85rem; white-space: nowrap; }
.better { color: var(--hit); white-space: nowrap; } .worse { color: var(--bad); white-space: nowrap; }
.meter { display: inline-block; width: 90px; height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; vertical-align: middle; }
.meter i { display: block; height: 100%; background: var(--series0); }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 14px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 12px; min-width: 0; }
figcaption { font-weight: 600; font-size: .92rem; display: flex; justify-content: space-between; gap: 8px; }
figcaption span { color: var(--muted); font-weight: 400; font-variant-numeric: tabular-nums; }
.histogram { display: block; width: 100%; height: auto; }
.histogram text { font-size: 11px; fill: var(--muted); paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.bar { fill: var(--bar); }
.outline { fill: none; stroke: var(--own); stroke-width: 1.6; }
.axis { stroke: var(--line); }
.mean { stroke: var(--own); stroke-width: 1.8; stroke-dasharray: 3 2; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 14px; align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.card img { display: block; width: 100%; height: 210px; object-fit: contain; background: var(--line); }
.card .text { padding: 12px 14px; }
.card .id { color: var(--muted); font-size: .82rem; margin: 0 0 8px; }
.hypothesis { border-left: 3px solid var(--own); padding: 0 0 0 10px; margin: 0 0 10px; }
.hypothesis .caption { font-weight: 600; display: block; }
.source { color: var(--own); font-size: .8rem; display: block; }
.scores { display: flex; flex-wrap: wrap; gap: 0 12px; color: var(--muted); font-size: .78rem; margin-top: 3px; }
.scores b { font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: 0 2px; }
.references { margin: 0; padding-left: 18px; font-size: .92rem; color: var(--muted); }
.references .caption { color: var(--ink); }
.graphs { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 14px; }
.graphs figure { max-width: 100%; }
.scene { display: block; }
.scene text { font-size: 13px; text-anchor: middle; fill: var(--ink); }
.scene .object rect { fill: var(--card); stroke: var(--miss); stroke-width: 1.3; stroke-dasharray: 4 3; }
.scene .object text { font-weight: 650; }
.scene .attribute rect { fill: none; stroke: var(--miss); stroke-dasharray: 3 2; }
.scene .attribute text { font-size: 12px; }
.scene .hit rect { fill: var(--hit-fill); stroke: var(--hit); stroke-dasharray: none; }
.scene .hit text { fill: var(--hit); }
.scene .line { fill: none; stroke: var(--miss); stroke-width: 1.4; stroke-dasharray: 4 3; }
.scene .head { fill: var(--miss); }
.scene .relation.hit .line { stroke: var(--hit); stroke-width: 1.8; stroke-dasharray: none; }
.scene .relation.hit .head { fill: var(--hit); }
.scene .names rect { fill: var(--card); }
.scene .name text { font-style: italic; font-size: 12.5px; }
footer { color: var(--muted); font-size: .88rem; padding-top: 30px; padding-bottom: 50px; }
@media (max-width: 560px) {
  main, header, footer { padding-left: 14px; padding-right: 14px; }
  th, td { padding: 6px 8px; }
  h1 { font-size: 1.5rem; }
}
@media print {
  :root { --paper: #fff; --card: #fff; }
  html { font-size: 11px; }
  body { font-size: 1rem; }
  main, header, footer { max-width: none; padding: 0; }
  .cards, .charts { grid-template-columns: repeat(3, 1fr); }
  .card img { height: 120px; }
  nav { display: none; }
  .scroll { overflow: visible; }
  th, td { padding: 3px 7px; }
  .card, figure, tr, .lead { break-inside: avoid; }
  h2, h3, .lead { break-after: avoid; }
  .scene { max-width: 100%; height: auto; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
)css";

}  // namespace report
