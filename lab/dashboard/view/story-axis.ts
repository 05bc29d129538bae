/**
 * An order on one axis of time: a lane for its customer and for each service, with attempts, waits and ends, and behind
 * them when a breaker of that service was not closed. The list below says the same, so it is hidden from screen readers.
 */
import { html, svg, type TemplateResult } from 'lit-html';
import { toOffset } from '../model/format.ts';
import type { Story } from '../model/story.ts';
import type { Stretch } from '../model/story-background.ts';
import type { Row } from '../model/story-rows.ts';

/** The width of a lane in its own units, and the narrowest mark that can be seen. */
const width = 1000;
const narrowest = 5;
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** Draws the axis. */
export function storyAxis(story: Story, stretches: readonly Stretch[]): TemplateResult {
  const { from, to, rows } = story;
  const lanes = ['customer', ...story.services];
  const own = rows.filter(({ kind }) => kind !== 'meanwhile');
  return html`<figure class="story-axis" aria-hidden="true">
    ${lanes.map(
      (name) => html`<span class="lane-name">${name}</span>
        <svg class="lane" viewBox="0 0 ${width} 20" preserveAspectRatio="none">
          <line class="lane-line" x1="0" x2=${width} y1="10" y2="10" />
          ${stretches.filter(({ service }) => service === name).map((stretch) => band(stretch, story))}
          ${toDrawn(own.filter(({ service }) => service === name)).map((row) => mark(row, story))}
        </svg>`,
    )}
    <span></span>
    <div class="ticks">${ticks.map((share) => html`<span>${toOffset((to - from) * share)}</span>`)}</div>
    ${
      stretches.length === 0
        ? null
        : html`<span></span><p class="muted small"><span class="legend-open"></span> its breaker lets no call or only a probe pass</p>`
    }
  </figure>`;
}

/** Waits first, so that what ends them is drawn on top. */
function toDrawn(rows: readonly Row[]): Row[] {
  const isWait = ({ kind }: Row) => kind === 'wait';
  return [...rows.filter(isWait), ...rows.filter((row) => !isWait(row))];
}

function mark({ kind, tone, at, endAt }: Row, { from, to }: Story) {
  const x = toX(at, from, to);
  const long = toX(endAt ?? at, from, to) - x;
  const wide = kind === 'wait' ? long : Math.max(narrowest, long);
  const [y, height] = kind === 'wait' ? [8, 4] : kind === 'attempt' ? [3, 14] : [0, 20];
  return svg`<rect class="lane-mark" data-kind=${kind} data-tone=${tone} x=${Math.min(x, width - wide)} y=${y} width=${wide} height=${height} />`;
}

function band({ state, from, to }: Stretch, story: Story) {
  const x = toX(from, story.from, story.to);
  const wide = Math.max(1, toX(to, story.from, story.to) - x);
  return svg`<rect class="lane-band" data-state=${state} x=${x} y="0" width=${wide} height="20" />`;
}

function toX(at: number, from: number, to: number): number {
  return to <= from ? 0 : Math.round(Math.min(1, Math.max(0, (at - from) / (to - from))) * width);
}
