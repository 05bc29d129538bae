/** The charts of a breaker: two canvases, their legends and values, and a summary in a sentence. */
import { html, type TemplateResult } from 'lit-html';
import type { ShownBreaker } from '../model/chain.ts';
import { summaryEveryMs, toCallsSummary, toLatencySummary } from '../model/chart-summary.ts';
import { toClock, toTitle } from '../model/format.ts';
import { toRange } from '../model/series.ts';
import { toRangeWords } from '../model/time-range.ts';
import type { View } from '../model/view.ts';

interface Summary {
  readonly at: number;
  readonly range: string;
  readonly calls: string;
  readonly latency: string;
}

const summaries = new Map<string, Summary>();
const keys = 'Arrow keys read the values, page keys scroll, End is the present.';

/** Draws the frames; browser/breaker-plots.ts fills them. */
export function charts(view: View, breaker: ShownBreaker): TemplateResult {
  const summary = summarise(view, breaker);
  const of = toTitle(breaker.route);
  return html`
    <figure>
      <figcaption>
        Calls per second
        <span class="legend" data-kind="ok">ok</span>
        <span class="legend" data-kind="failed">failed</span>
        <span class="legend" data-kind="rejected">rejected</span>
        <span class="legend line" data-kind="relay">relay</span>
        <span class="legend" data-kind="fault">fault on</span>
      </figcaption>
      <div class="canvas">
        <div class="plot" data-plot="calls" data-breaker=${breaker.key} tabindex="0" role="img" aria-label="Calls per second, ${of}. ${keys}"></div>
        <p class="readout"></p>
      </div>
      <p class="visually-hidden">${summary.calls}</p>
    </figure>
    <figure>
      <figcaption>
        Latency, without rejections
        <span class="legend line" data-kind="p50">p50</span>
        <span class="legend line" data-kind="p99">p99</span>
        <span class="legend line" data-kind="limit">timeout</span>
      </figcaption>
      <div class="canvas">
        <div class="plot with-times" data-plot="latency" data-breaker=${breaker.key} tabindex="0" role="img" aria-label="Latency, ${of}. ${keys}"></div>
        <p class="readout"></p>
      </div>
      <p class="visually-hidden">${summary.latency}</p>
    </figure>
  `;
}

/** The sentences change at most every five seconds, so that they can be read, or with the range. */
function summarise(view: View, { key, report }: ShownBreaker): Summary {
  const known = summaries.get(key);
  const range = toRangeWords(view.page.time, toClock);
  if (known !== undefined && known.range === range && Math.abs(view.now - known.at) < summaryEveryMs)
    return known;
  const samples = toRange(view.lab.samples, key, view.range);
  const fresh = {
    at: view.now,
    range,
    calls: toCallsSummary(samples, range),
    latency: toLatencySummary(samples, report.config.attemptTimeoutMs, range),
  };
  summaries.set(key, fresh);
  const present = new Set(view.breakers.map((one) => one.key));
  for (const one of summaries.keys()) if (!present.has(one)) summaries.delete(one);
  return fresh;
}
