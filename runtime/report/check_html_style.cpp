// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/check_html_parts.hpp"

namespace warpstep::report {

// Text on every background has a contrast of at least 4.5. Source: WCAG 2.2, 1.4.3.
const char* const check_html_css = R"css(:root {
  --page: #f6f7f9; --card: #ffffff; --inner: #f1f3f6; --text: #1b2430; --dim: #566273; --edge: #d5dae1;
  --pass: #1a7f4b; --warn: #9a6200; --fail: #c02626; --unknown: #7a3fb0; --info: #1f6fb5; --skip: #66717f;
  --pass-bg: #e3f4ea; --warn-bg: #fdf1d8; --fail-bg: #fce4e4; --unknown-bg: #f0e6fa; --info-bg: #e2effa;
  --skip-bg: #eceff2; --dot: #3b78b8; --code: #eef1f5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161c; --card: #1a2029; --inner: #212934; --text: #e5eaf0; --dim: #9ba8b8; --edge: #333d4b;
    --pass: #58cf8d; --warn: #f0b84a; --fail: #ff8080; --unknown: #c99bf2; --info: #72b6f2; --skip: #9aa5b2;
    --pass-bg: #17352a; --warn-bg: #3a2f14; --fail-bg: #432124; --unknown-bg: #33244a; --info-bg: #1a3148;
    --skip-bg: #2a323d; --dot: #6ea8e0; --code: #11151b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 20px 16px 48px; }
h1 { font-size: 1.45rem; line-height: 1.3; margin: 10px 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 32px 0 10px; }
h3, h4 { margin: 0; font-size: 1rem; }
i { font-style: normal; }
code, pre { font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
.meta, .note, .none, .legend, small { color: var(--dim); margin: 0; }
small { font-weight: normal; font-size: .82rem; }
.degraded { margin: 8px 0; padding: 8px 12px; border-left: 4px solid var(--unknown); background: var(--unknown-bg); }
.badge { display: inline-block; padding: 1px 9px 1px 7px; border-radius: 10px; font-weight: 650; font-size: .78rem;
  white-space: nowrap; color: var(--tone); background: var(--tone-bg); }
.badge i { margin-right: 5px; }
header .badge { font-size: 1rem; padding: 3px 14px 3px 11px; border-radius: 14px; }
.pass { --tone: var(--pass); --tone-bg: var(--pass-bg); }
.warn { --tone: var(--warn); --tone-bg: var(--warn-bg); }
.fail { --tone: var(--fail); --tone-bg: var(--fail-bg); }
.unknown { --tone: var(--unknown); --tone-bg: var(--unknown-bg); }
.info { --tone: var(--info); --tone-bg: var(--info-bg); }
.skip { --tone: var(--skip); --tone-bg: var(--skip-bg); }
.nodes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 12px; }
.node { background: var(--card); border: 1px solid var(--edge); border-top: 3px solid var(--tone); border-radius: 8px;
  padding: 10px 12px 12px; min-width: 0; }
.node h3 i { color: var(--tone); margin-right: 6px; }
.numas { display: grid; gap: 8px; margin-top: 8px; }
.numa { background: var(--inner); border-radius: 6px; padding: 6px 8px 8px; min-width: 0; }
.numa h4 { font-weight: normal; font-size: .78rem; color: var(--dim); overflow-wrap: anywhere; }
.gpus { display: grid; grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); gap: 6px; margin-top: 5px; }
.gpu { background: var(--tone-bg); border: 1px solid var(--tone); border-radius: 6px; padding: 4px 7px; font-size: .82rem;
  line-height: 1.35; min-width: 0; overflow-wrap: anywhere; }
.gpu i { float: right; color: var(--tone); font-weight: 700; }
.gpu span { display: block; color: var(--dim); min-height: 1.35em; }
.gpu.ungranted { border-style: dashed; opacity: .6; }
.nics { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 6px; }
.nic { font-size: .72rem; padding: 0 6px; border: 1px solid var(--edge); border-radius: 4px; background: var(--card); color: var(--dim); }
.nic.down { border-color: var(--warn); color: var(--warn); text-decoration: line-through; }
.note { font-size: .85rem; margin-top: 8px; }
button { font: inherit; font-size: .82rem; color: var(--text); background: var(--card); border: 1px solid var(--edge);
  border-radius: 6px; padding: 3px 10px; cursor: pointer; }
button[aria-pressed=true] { border-color: var(--text); font-weight: 650; }
.filters { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 10px; }
.finding { background: var(--card); border: 1px solid var(--edge); border-left: 4px solid var(--tone); border-radius: 6px;
  padding: 10px 14px; margin-bottom: 8px; }
.finding h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 8px; font-weight: 600; }
.finding h3 code { font-weight: 700; font-size: .92rem; }
.finding h3 span:last-child { font-weight: normal; color: var(--dim); font-size: .88rem; overflow-wrap: anywhere; }
.finding p { margin: 5px 0; overflow-wrap: anywhere; }
.finding .figure { color: var(--dim); font-size: .86rem; }
.finding[hidden] { display: none; }
.fix { display: flex; gap: 8px; align-items: flex-start; margin-top: 6px; }
.fix code { flex: 1; min-width: 0; background: var(--code); border-radius: 5px; padding: 5px 9px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.finding .advice { border-left: 3px solid var(--edge); padding-left: 9px; }
details { margin-top: 6px; font-size: .88rem; }
summary { cursor: pointer; color: var(--dim); }
ul { margin: 4px 0; padding-left: 20px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: .82rem; margin-bottom: 10px; }
.legend span::before, .what span::before { content: ""; display: inline-block; width: 14px; height: 0; margin-right: 6px;
  vertical-align: middle; border-top: 2px solid currentColor; }
.legend .k-median::before, .what .k-median::before { border-color: var(--text); }
.legend .k-line::before, .what .k-line::before { border-top: 2px dashed var(--fail); }
.legend .k-floor::before, .what .k-floor::before { border-top: 2px dotted var(--warn); }
.legend .k-marked::before { width: 10px; height: 10px; border: 0; border-radius: 5px; background: var(--fail); }
.strip { display: grid; grid-template-columns: 215px minmax(0, 1fr); gap: 4px 18px; background: var(--card);
  border: 1px solid var(--edge); border-bottom-width: 0; padding: 8px 14px; }
.strip:first-of-type { border-radius: 8px 8px 0 0; }
.strip:last-of-type { border-bottom-width: 1px; border-radius: 0 0 8px 8px; }
.what b, .what span { display: block; }
.what span { color: var(--dim); font-size: .8rem; }
svg { display: block; overflow: visible; }
svg .axis { stroke: var(--edge); }
svg .median { stroke: var(--text); stroke-width: 1.5; }
svg .outlier { stroke: var(--fail); stroke-width: 1.5; stroke-dasharray: 5 4; }
svg .floor { stroke: var(--warn); stroke-width: 2; stroke-dasharray: 2 3; }
svg .dot { fill: var(--dot); fill-opacity: .78; stroke: var(--card); }
svg .marked { fill: var(--fail); fill-opacity: 1; }
svg text { font: 12px system-ui, sans-serif; fill: var(--text); }
svg .label { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
svg .tick { fill: var(--dim); font-size: 11px; }
.unmeasured { color: var(--unknown); font-size: .84rem; margin: 2px 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; margin-top: 8px; }
th { text-align: left; color: var(--dim); font-weight: 600; }
th, td { padding: 3px 10px 3px 0; border-bottom: 1px solid var(--edge); vertical-align: top; }
@media (max-width: 640px) {
  h1 { font-size: 1.2rem; }
  .strip { grid-template-columns: minmax(0, 1fr); }
  .what { display: flex; flex-wrap: wrap; gap: 0 14px; align-items: baseline; }
  .gpus { grid-template-columns: repeat(auto-fill, minmax(62px, 1fr)); gap: 4px; }
  .gpu { padding: 3px 5px; font-size: .76rem; }
  .fix { flex-direction: column; }
  .fix code { width: 100%; }
}
@media print {
  button, .filters { display: none; }
  .finding, .node, .strip { break-inside: avoid; }
}
)css";

// Without a script the page shows everything; the clipboard is not there in pages opened as files
// everywhere, so a fix is at least selected.
const char* const check_html_script = R"js("use strict";
const filters = document.querySelectorAll("[data-filter]");
for (const button of filters) {
  button.addEventListener("click", () => {
    for (const other of filters) other.setAttribute("aria-pressed", String(other === button));
    for (const finding of document.querySelectorAll(".finding")) {
      const wanted = button.dataset.filter;
      finding.hidden = wanted !== "" && finding.dataset.verdict !== wanted;
    }
  });
}
for (const button of document.querySelectorAll(".fix button")) {
  button.addEventListener("click", async () => {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
}
)js";

}  // namespace warpstep::report
