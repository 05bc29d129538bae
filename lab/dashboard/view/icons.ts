/**
 * The icons of the page: small drawings in the colour of the text beside them. Each has a word beside it, so they are
 * hidden from screen readers.
 */
import { html, svg, type TemplateResult } from 'lit-html';
import type { ShownState } from '../model/state-words.ts';

const shapes = {
  disc: svg`<circle cx="8" cy="8" r="5" fill="currentColor" />`,
  ring: svg`<circle cx="8" cy="8" r="4.5" fill="none" stroke="currentColor" stroke-width="2" />`,
  half: svg`<circle cx="8" cy="8" r="4.5" fill="none" stroke="currentColor" stroke-width="2" /><path d="M8 3.5a4.5 4.5 0 0 0 0 9z" fill="currentColor" />`,
  hand: svg`<circle cx="8" cy="8" r="4.5" fill="none" stroke="currentColor" stroke-width="2" /><path d="M8 5.6v3.2M8 10.2v1" stroke="currentColor" stroke-width="2" />`,
  bypass: svg`<path d="M1.5 11h2.2c1.6 0 1.2-6 4.3-6s2.7 6 4.3 6h2.2" fill="none" stroke="currentColor" stroke-width="2" /><circle cx="8" cy="11" r="1.5" fill="currentColor" />`,
  hatch: svg`<path d="M3 9.5 9.5 3M4 13l9-9M7.5 13 13 7.5" stroke="currentColor" stroke-width="1.8" />`,
  check: svg`<path d="m3 8.5 3.2 3.2L13 4.5" fill="none" stroke="currentColor" stroke-width="2" />`,
  cross: svg`<path d="m4 4 8 8M12 4l-8 8" stroke="currentColor" stroke-width="2" />`,
  clock: svg`<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.8" /><path d="M8 4.8V8l2.4 1.6" fill="none" stroke="currentColor" stroke-width="1.8" />`,
  barred: svg`<circle cx="8" cy="8" r="5.2" fill="none" stroke="currentColor" stroke-width="1.8" /><path d="m4.5 11.5 7-7" stroke="currentColor" stroke-width="1.8" />`,
  question: svg`<path d="M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.7 8 9.2 8 10M8 12v1.5" fill="none" stroke="currentColor" stroke-width="1.8" />`,
  dash: svg`<path d="M5 8h6" stroke="currentColor" stroke-width="1.8" />`,
  dots: svg`<circle cx="3.5" cy="8" r="1.3" fill="currentColor" /><circle cx="8" cy="8" r="1.3" fill="currentColor" /><circle cx="12.5" cy="8" r="1.3" fill="currentColor" />`,
  back: svg`<path d="M6.5 4 3 7.5 6.5 11M3 7.5h6.5a3 3 0 0 1 0 6H8" fill="none" stroke="currentColor" stroke-width="1.8" />`,
  play: svg`<path d="M4.5 3v10l8-5z" fill="currentColor" />`,
  stop: svg`<path d="M4 4h8v8H4z" fill="currentColor" />`,
  pause: svg`<path d="M4 3.5h3v9H4zM9 3.5h3v9H9z" fill="currentColor" />`,
  reset: svg`<path d="M3.2 6.5A5.2 5.2 0 1 1 3 9.5M3 3v3.8h3.8" fill="none" stroke="currentColor" stroke-width="1.8" />`,
  send: svg`<path d="M2 8h10M8.5 4l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.8" />`,
  warning: svg`<path d="M8 2.5 14.5 13.5h-13zM8 6.5v3.5M8 11.2v1.3" fill="none" stroke="currentColor" stroke-width="1.6" />`,
  breaker: svg`<path d="M1 11h4l6-6M11.5 11H15" fill="none" stroke="currentColor" stroke-width="2" /><circle cx="5" cy="11" r="1.8" fill="currentColor" /><circle cx="11.5" cy="11" r="1.8" fill="currentColor" />`,
} as const;

/** Names of the icons. */
export type IconName = keyof typeof shapes;

/** The icon of each state. */
export const stateIcons: Readonly<Record<ShownState, IconName>> = {
  closed: 'disc',
  open: 'ring',
  half_open: 'half',
  forced_open: 'hand',
  disabled: 'bypass',
  no_data: 'hatch',
};

/** Draws an icon. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shapes[name]}</svg>`;
}

/** The drawing of an icon without its frame, for use inside another drawing. */
export function shape(name: IconName) {
  return shapes[name];
}
