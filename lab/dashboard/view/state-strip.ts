/**
 * The states of a breaker in the last minute, as one coloured strip on the time axis of the charts.
 */
import { html, svg, type TemplateResult } from 'lit-html';
import { spanMs } from '../model/series.ts';
import { type Segment, toPainted } from '../model/state-strip.ts';
import { type ShownState, stateWords } from '../model/state-words.ts';
import { shape, stateIcons } from './icons.ts';

/** Draws the strip. */
export function stateStrip(segments: readonly Segment[]): TemplateResult {
  const from = segments[0]?.from ?? 0;
  return html`<svg class="strip" role="img" aria-label=${toWords(segments)} focusable="false">
    ${toPainted(segments).map((segment) => {
      const x = ((segment.from - from) / spanMs) * 100;
      const share = ((segment.to - segment.from) / spanMs) * 100;
      const width = segment.state === 'half_open' ? Math.max(0.8, share) : share;
      return svg`<svg x="${x}%" width="${width}%" height="100%">
        <rect class="segment" data-state=${segment.state} width="100%" height="100%" />
        ${width < 4 ? null : label(segment.state, width > 20 ? ` ${toShort(segment)}` : '')}
      </svg>`;
    })}
  </svg>`;
}

function label(state: ShownState, words: string) {
  return svg`<svg x="3" y="1" width="12" height="12" viewBox="0 0 16 16" class="mark" data-state=${state}>${shape(stateIcons[state])}</svg>
    ${words === '' ? null : svg`<text class="mark" data-state=${state} x="17" y="11">${words}</text>`}`;
}

function toShort({ state, from, to }: Segment): string {
  return `${stateWords[state].toLowerCase()} ${Math.round((to - from) / 1_000)} s`;
}

function toWords(segments: readonly Segment[]): string {
  return `The last 60 s, oldest first: ${segments.map(toShort).join(', ')}.`;
}
