/**
 * The whole page, from top to bottom: what stays in view, and below it what one reads on the way down.
 *
 * A new section is a function of its own file, `(view, actions) => TemplateResult`, and one line here. Its place is
 * marked with its name.
 */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Actions } from '../browser/actions.ts';
import type { Route } from '../model/chain.ts';
import { isPointed, type View } from '../model/view.ts';
import { spoken, toasts } from './announcements.ts';
import { breakPanel } from './break-panel.ts';
import { breakerCard } from './breaker-card.ts';
import { breakerGroup } from './breaker-group.ts';
import { chainStrip } from './chain-strip.ts';
import { comparison } from './comparison.ts';
import { customers } from './customers.ts';
import { dialogs } from './dialogs.ts';
import { eventsList } from './events-list.ts';
import { header } from './header.ts';
import { laboratory } from './laboratory.ts';
import { ledger } from './ledger.ts';
import { orders } from './orders.ts';
import { explanations } from './term.ts';
import { timeBar } from './time-bar.ts';
import { tour } from './tour.ts';

/** Draws the page. */
export function page(view: View, actions: Actions): TemplateResult {
  return html`
    <a class="skip" href="#chain-section">Skip to the chain</a>
    <div class="stay" data-stale=${String(view.stale)}>
      <header class="top">${header(view, actions)}</header>
      <section class="chain-section" id="chain-section" tabindex="-1" aria-labelledby="chain">
        <h2 id="chain" class="visually-hidden">The chain</h2>
        ${chainStrip(view)} ${customers(view)}
      </section>
    </div>
    <main id="main" data-stale=${String(view.stale)}>
      ${ledger(view)}
      ${tour(view, actions)}
      ${timeBar(view, actions)}
      <div class="workbench">
        <div class="cards">
          ${repeat(
            view.routes,
            ({ name, breakers: [first] }) => `${first?.from}/${name}`,
            (route) => card(view, route, actions),
          )}
          ${view.breakers.length === 0 ? html`<section class="card"><h2>Breakers</h2><p class="muted">No breaker was heard of yet.</p></section>` : null}
        </div>
        <div class="side">
          <section class="card" aria-labelledby="break">
            <h2 id="break">Break something</h2>
            ${breakPanel(view, actions)}
          </section>
        </div>
      </div>
      <section class="card comparison" aria-labelledby="comparison">${comparison(view, actions)}</section>
      <section class="card laboratory" aria-labelledby="laboratory">${laboratory(view, actions)}</section>
      <div class="lists">
        <section class="card" data-pointed=${String(isPointed(view, 'orders'))} aria-labelledby="orders">
          <div class="section-head"><h2 id="orders">Orders</h2><p class="muted small">newest first</p></div>
          ${orders(view, actions)}
        </section>
        <section class="card" aria-labelledby="events">
          <div class="section-head"><h2 id="events">Events</h2><p class="muted small">newest first</p></div>
          ${eventsList(view, actions)}
        </section>
      </div>
    </main>
    ${spoken(view)} ${toasts(view, actions)} ${dialogs(view, actions)} ${explanations()}
  `;
}

/** One breaker has a card; several on the same route share one. */
function card(view: View, route: Route, actions: Actions): TemplateResult {
  const [first] = route.breakers;
  const isOne = first !== undefined && route.breakers.length === 1;
  return isOne ? breakerCard(view, first, actions) : breakerGroup(view, route, actions);
}
