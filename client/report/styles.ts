import { Html } from './html';

/** Both colour schemes; every colour is a variable. */
export const STYLES = new Html(`
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --text: #1c2330; --quiet: #667085; --line: #e3e6eb; --stripe: #f5f6f8;
  --code: #f2f4f7; --good: #2f9e5b; --bad: #d64545; --warn: #d98a0b; --busy: #2f7fd6; --merge: #7b5cd6;
  --idle: #98a2b3; --on-bar: #fff; --pause: #d98a0b22; --todo: #fff7e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1319; --card: #171c24; --text: #e3e8ef; --quiet: #94a0b3; --line: #2a313c; --stripe: #1b212a;
    --code: #10151c; --good: #3fae6c; --bad: #e5605e; --warn: #e0a13a; --busy: #5aa2ee; --merge: #9d85ee;
    --idle: #5d6878; --on-bar: #0d1117; --pause: #e0a13a22; --todo: #2a2312;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 26px; margin: 0 0 2px; } h2 { font-size: 17px; margin: 0 0 12px; }
header { margin-bottom: 18px; }
.badge { display: inline-block; padding: 1px 10px; border-radius: 99px; font-size: 14px; color: var(--on-bar);
  background: var(--idle); vertical-align: 4px; margin-left: 8px; font-weight: 600; }
.badge.complete { background: var(--good); } .badge.incomplete, .badge.failed { background: var(--bad); }
.badge.running { background: var(--busy); } .badge.paused { background: var(--warn); }
.quiet, i { color: var(--quiet); font-style: normal; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px;
  margin: 16px 0; }
.todo { background: var(--todo); border-color: var(--warn); }
.todo p { margin: 10px 0 4px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.tile b { display: block; font-size: 22px; font-weight: 650; white-space: nowrap; }
.tile span, .tile i { display: block; font-size: 13px; } .tile span { color: var(--quiet); }
.scroll { overflow-x: auto; } .tall { max-height: 900px; overflow: auto; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; margin: 6px 0;
  overflow: auto; max-height: 420px; white-space: pre-wrap; overflow-wrap: anywhere; }
pre, code { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
details { border-top: 1px solid var(--line); padding: 8px 0; } details:first-of-type { border-top: 0; }
summary { cursor: pointer; font-weight: 550; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--quiet); }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.share { width: 80px; padding-top: 13px; } .share svg { width: 100%; height: 8px; display: block; }
.share rect { fill: var(--busy); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(460px, 1fr)); gap: 12px 36px;
  align-items: start; }
svg { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
svg text { fill: var(--text); }
.gantt { width: 100%; min-width: 860px; display: block; }
.gantt .axis { fill: var(--quiet); font-size: 11px; text-anchor: middle; }
.gantt .grid { stroke: var(--line); } .gantt .stripe { fill: var(--stripe); } .gantt .pause { fill: var(--pause); }
.bar text { fill: var(--on-bar); font-size: 11px; font-weight: 600; text-anchor: middle; }
.bar.complete rect { fill: var(--good); } .bar.failed rect, .bar.conflict rect { fill: var(--bad); }
.bar.cancelled rect { fill: var(--idle); } .bar.running rect { fill: var(--busy); }
.bar.merged rect, .bar.merging rect { fill: var(--merge); }
.wait line { stroke: var(--idle); stroke-width: 1.5; stroke-dasharray: 2 4; } .wait .hit { fill: transparent; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--quiet); margin-top: 10px; }
.legend i::before { content: ""; display: inline-block; width: 12px; height: 12px; border-radius: 3px;
  margin-right: 6px; vertical-align: -1px; background: var(--idle); }
.legend .complete::before { background: var(--good); } .legend .failed::before { background: var(--bad); }
.legend .running::before { background: var(--busy); } .legend .merged::before { background: var(--merge); }
.legend .blocked::before { background: var(--warn); }
.legend .wait::before { background: none; border-radius: 0; border-top: 2px dotted var(--idle); height: 4px; }
.legend .pause::before { background: var(--pause); }
.graph { display: block; margin: 0 auto; }
.graph marker path { fill: var(--idle); }
.edge { fill: none; stroke: var(--idle); stroke-width: 1.3; } .edge.soft { stroke-dasharray: 4 4; }
.node rect { fill: var(--card); stroke: var(--line); } .node .edge-mark { fill: var(--idle); stroke: none; }
.node .about { fill: var(--quiet); font-size: 11px; }
.node.complete .edge-mark { fill: var(--good); } .node.failed .edge-mark { fill: var(--bad); }
.node.failed rect { stroke: var(--bad); } .node.running .edge-mark { fill: var(--busy); }
.node.blocked .edge-mark { fill: var(--warn); }
@media print { body { background: #fff; } section, .tile { break-inside: avoid; } }
`);
