/**
 * The breakers between the instances of two services: a row for each, and on demand the whole card of one.
 */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Actions } from '../browser/actions.ts';
import { toEdgeWords, toFailedWords, toGroupWhy, toRouteWords } from '../model/breaker-words.ts';
import { type Route, type ShownBreaker, toPlaceWords } from '../model/chain.ts';
import { toCount, toMs, toTitle } from '../model/format.ts';
import { toBreakerSegments, toShownState, type View } from '../model/view.ts';
import { breakerCard } from './breaker-card.ts';
import { button } from './button.ts';
import { routePill, toWay } from './chain-strip.ts';
import { pill } from './pill.ts';
import { stateStrip } from './state-strip.ts';

/** Rows that are shown; with more, those that are not closed come first. */
const mostRows = 12;

/** Draws the breakers of a route. */
export function breakerGroup(view: View, { name, breakers }: Route, actions: Actions): TemplateResult {
  const rows = toRows(view, breakers);
  const hidden = breakers.length - rows.length;
  const detailed = breakers.find(({ key }) => key === view.page.detailed);
  const id = `route-${view.routes.findIndex((route) => route.breakers === breakers)}`;
  return html`<section class="card group" data-state=${toWay(view, breakers)} aria-labelledby=${id}>
      <header>
        <h2 id=${id}>${toTitle(name)} <small>${toCount(breakers.length, 'breaker')}</small></h2>
        ${routePill(view, breakers)}
      </header>
      <p class="why">${toGroupWhy(view, breakers)}</p>
      <p class="small muted">${toRouteWords(view, breakers)}</p>
      <ul class="rows">
        ${repeat(
          rows,
          ({ key }) => key,
          (breaker) => row(view, breaker, actions),
        )}
      </ul>
      ${hidden > 0 ? html`<p class="small muted">And ${hidden} more, all as well as the last of these.</p>` : null}
    </section>
    ${detailed === undefined ? null : breakerCard(view, detailed, actions)}`;
}

function row(view: View, breaker: ShownBreaker, actions: Actions): TemplateResult {
  const place = toPlaceWords(breaker);
  const isShown = view.page.detailed === breaker.key;
  const { latency, window } = breaker.report;
  const words = toEdgeWords(view, breaker);
  const failed = toFailedWords(breaker);
  return html`<li data-state=${toShownState(view, breaker)}>
    <span class="place mono">${place}</span>
    ${pill(toShownState(view, breaker))}
    <span class="words">${words}</span>
    <span class="numbers muted">${failed === words ? null : failed}${window.calls === 0 ? null : ` · p50 ${toMs(latency.p50)} · p99 ${toMs(latency.p99)}`}</span>
    ${button({
      text: isShown ? 'Hide' : 'Details',
      label: `${isShown ? 'Hide' : 'Details'} of ${toTitle(breaker.route)}, ${place}`,
      pressed: isShown,
      look: 'small',
      act: () => actions.toggleDetails(breaker),
    })}
    <span class="past">${stateStrip(toBreakerSegments(view, breaker))}</span>
  </li>`;
}

/** In a fixed sequence as long as there is room, so that a changed row stays in its place. */
function toRows(view: View, breakers: readonly ShownBreaker[]): readonly ShownBreaker[] {
  if (breakers.length <= mostRows) return breakers;
  const isClosed = (breaker: ShownBreaker) => Number(toShownState(view, breaker) === 'closed');
  return breakers.toSorted((a, b) => isClosed(a) - isClosed(b)).slice(0, mostRows);
}
