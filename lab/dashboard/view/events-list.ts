/** The events, the newest first, as in the log. */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { LabEntry } from '../../server/wire.ts';
import { toExactClock } from '../model/format.ts';
import { toTokens } from '../model/line-tokens.ts';
import type { View } from '../model/view.ts';
import { icon, stateIcons } from './icons.ts';

/** Draws the list. It scrolls by itself, so it takes the focus. */
export function eventsList({ lab }: View): TemplateResult {
  return html`
    ${lab.missed ? html`<p class="notice">${icon('warning')}Some events were missed while the page was away.</p>` : null}
    ${
      lab.entries.length === 0
        ? html`<p class="muted">Nothing has happened yet.</p>`
        : html`<ol class="events" tabindex="0" aria-labelledby="events">
            ${repeat(
              lab.entries,
              (entry) => entry.id,
              (entry) => line(entry),
            )}
          </ol>`
    }
  `;
}

function line(entry: LabEntry): TemplateResult {
  return html`<li data-event=${entry.event}>
    <time>${toExactClock(entry.at)}</time> <span class="who">${entry.service}</span>
    ${toTokens(entry).map(({ text, state }) =>
      state === null
        ? text
        : html`<span class="state" data-state=${state}>${icon(stateIcons[state])}${text}</span>`,
    )}
  </li>`;
}
