/** Chooses the time that all charts and strips show: its span, and its end by a slider, or the present. */
import { html, type TemplateResult } from 'lit-html';
import { keptMs } from '../../server/kept.ts';
import type { Actions } from '../browser/actions.ts';
import { toClock } from '../model/format.ts';
import { spans, toRangeWords } from '../model/time-range.ts';
import type { View } from '../model/view.ts';

/** Draws the bar. */
export function timeBar(view: View, actions: Actions): TemplateResult {
  const { page, range, now, lab } = view;
  const oldest = Math.max(lab.samples[0]?.at ?? now, now - keptMs);
  const first = Math.min(now, oldest + page.time.spanMs);
  const share = now <= first ? 1000 : Math.round(((range.to - first) / (now - first)) * 1000);
  const words = toRangeWords(page.time, toClock);
  return html`<div class="time-bar" role="group" aria-label="Time of the charts">
    <div class="segments" role="group" aria-label="Span">
      ${spans.map(
        ({ ms, words: span }) =>
          html`<button type="button" class="button small" aria-pressed=${String(page.time.spanMs === ms)} @click=${() => actions.setSpan(ms)}>${span}</button>`,
      )}
    </div>
    <button type="button" class="button small" aria-pressed=${String(!range.isLive)} @click=${() => actions.scrollTo(range.isLive ? range.to : null)}>
      ${range.isLive ? 'Hold charts' : 'Back to now'}
    </button>
    <label class="end">
      <span class="visually-hidden">End of the time shown</span>
      <input type="range" min="0" max="1000" step="1" .value=${String(range.isLive ? 1000 : share)} aria-valuetext=${words}
        ?disabled=${now <= first}
        @input=${(event: Event) => {
          const value = Number((event.target as HTMLInputElement).value);
          actions.scrollTo(value >= 1000 ? null : first + ((now - first) * value) / 1000);
        }} />
    </label>
    <output class="small ${range.isLive ? 'muted' : 'held'}">${range.isLive ? `Live, ${words}` : words}</output>
  </div>`;
}
