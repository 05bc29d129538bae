/** The charts of a breaker: two canvases, their legends, and a summary in a sentence. */
import { html, type TemplateResult } from 'lit-html';
import type { ShownBreaker } from '../model/chain.ts';
import { summaryEveryMs, toCallsSummary, toLatencySummary } from '../model/chart-summary.ts';
import type { View } from '../model/view.ts';

const summaries = new Map<string, { at: number; calls: string; latency: string }>();

/** Draws the frames; browser/breaker-plots.ts fills them. */
export function charts(view: View, breaker: ShownBreaker): TemplateResult {
  const summary = summarise(view, breaker);
  return html`
    <figure>
      <figcaption>
        Calls per second
        <span class="legend" data-kind="ok">ok</span>
        <span class="legend" data-kind="failed">failed</span>
        <span class="legend" data-kind="rejected">rejected</span>
      </figcaption>
      <div class="plot" data-plot="calls" data-breaker=${breaker.key}></div>
      <p class="visually-hidden">${summary.calls}</p>
    </figure>
    <figure>
      <figcaption>
        Latency, without rejections
        <span class="legend line" data-kind="p50">p50</span>
        <span class="legend line" data-kind="p99">p99</span>
        <span class="legend line" data-kind="limit">timeout</span>
      </figcaption>
      <div class="plot with-times" data-plot="latency" data-breaker=${breaker.key}></div>
      <p class="visually-hidden">${summary.latency}</p>
    </figure>
  `;
}

/** The sentences change at most every five seconds, so that they can be read. */
function summarise(view: View, { key, report }: ShownBreaker): { calls: string; latency: string } {
  const known = summaries.get(key);
  if (known !== undefined && Math.abs(view.now - known.at) < summaryEveryMs) return known;
  const series = view.lab.series[key] ?? [];
  const fresh = {
    at: view.now,
    calls: toCallsSummary(series),
    latency: toLatencySummary(series, report.config.attemptTimeoutMs),
  };
  summaries.set(key, fresh);
  for (const known of summaries.keys()) if (!(known in view.lab.series)) summaries.delete(known);
  return fresh;
}
