/** The events, the newest first, as in the log: by kind, and older ones on demand. */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { LabEntry } from '../../server/wire.ts';
import type { Actions } from '../browser/actions.ts';
import { type Group, toWho } from '../model/chain.ts';
import { type EventKind, eventKinds, toBegin, toIdentity, toKind } from '../model/entries.ts';
import { toCount, toExactClock } from '../model/format.ts';
import { toTokens } from '../model/line-tokens.ts';
import type { View } from '../model/view.ts';
import { button } from './button.ts';
import { icon, stateIcons } from './icons.ts';

const kindWords: Readonly<Record<EventKind, string>> = {
  breakers: 'Breakers',
  faults: 'Faults',
  processes: 'Processes',
  settings: 'Settings and traffic',
};

/** Draws the list. It scrolls by itself, so it takes the focus. */
export function eventsList({ lab, page, groups }: View, actions: Actions): TemplateResult {
  const entries = lab.entries.filter((entry) => !page.hiddenKinds.includes(toKind(entry)));
  const shown = entries.slice(0, page.shownEvents);
  const older = entries.length - shown.length;
  return html`
    <div class="segments filters" role="group" aria-label="Kinds of events">
      ${eventKinds.map((kind) =>
        button({
          text: kindWords[kind],
          pressed: !page.hiddenKinds.includes(kind),
          look: 'small',
          act: () => actions.filterEvents(kind),
        }),
      )}
    </div>
    ${lab.missed ? html`<p class="notice">${icon('warning')}Some events were missed while the page was away.</p>` : null}
    ${
      shown.length === 0
        ? html`<p class="muted">${lab.entries.length === 0 ? 'Nothing has happened yet.' : 'Nothing of these kinds has happened.'}</p>`
        : html`<ol class="events" role="list" tabindex="0" aria-labelledby="events">
            ${repeat(shown, toIdentity, (entry) => line(entry, groups))}
          </ol>`
    }
    ${
      older > 0
        ? button({
            text: `Show more (${toCount(older, 'older event')})`,
            look: 'small',
            act: () => actions.showMoreEvents(),
          })
        : null
    }
  `;
}

function line(entry: LabEntry, groups: readonly Group[]): TemplateResult {
  const level = 'level' in entry ? (entry.level ?? 'info') : '';
  return html`<li data-event=${entry.event} data-level=${level}>
    <time datetime=${new Date(toBegin(entry)).toISOString()}>${toExactClock(toBegin(entry))}</time> <span class="who">${toWho(groups, entry)}</span>
    ${toTokens(entry).map(({ text, state }) =>
      state === null
        ? text
        : html`<span class="state" data-state=${state}>${icon(stateIcons[state])}${text}</span>`,
    )}
  </li>`;
}
