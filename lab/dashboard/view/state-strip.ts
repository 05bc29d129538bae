/**
 * The states of a breaker in the time that is shown, as one coloured strip on the time axis of the charts.
 */
import { html, svg, type TemplateResult } from 'lit-html';
import { type Segment, toPainted } from '../model/state-strip.ts';
import { type ShownState, stateWords } from '../model/state-words.ts';
import { shape, stateIcons } from './icons.ts';

/** Segments that are read out, the newest. */
const spokenSegments = 12;

/** Draws the strip. */
export function stateStrip(segments: readonly Segment[]): TemplateResult {
  const from = segments[0]?.from ?? 0;
  const spanMs = Math.max(1, (segments.at(-1)?.to ?? 0) - from);
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
  return `${stateWords[state].toLowerCase()} ${toSpan(to - from)}`;
}

function toWords(segments: readonly Segment[]): string {
  const newest = segments.slice(-spokenSegments);
  const left = segments.length - newest.length;
  const before = left === 0 ? '' : `${left} states before, then `;
  const all = toSpan((segments.at(-1)?.to ?? 0) - (segments[0]?.from ?? 0));
  return `${all}, oldest first: ${before}${newest.map(toShort).join(', ')}.`;
}

function toSpan(ms: number): string {
  return ms < 100_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
