/**
 * The chain from the front door to the database, with the state of each breaker on the edge that it guards.
 */
import { html, type TemplateResult } from 'lit-html';
import type { LabService } from '../../server/wire.ts';
import { toEdgeWords, toRouteCounts } from '../model/breaker-words.ts';
import { type Group, type ShownBreaker, toBreakers, toInstanceLabel, toPending } from '../model/chain.ts';
import { toFaults, toLeftMs, toShareWords, toShortFault } from '../model/faults.ts';
import { toClock, toMs, toRate, toTitle, toWholeSeconds } from '../model/format.ts';
import type { ShownState } from '../model/state-words.ts';
import { toShownState, type View } from '../model/view.ts';
import { icon, stateIcons } from './icons.ts';
import { pill } from './pill.ts';

/** Draws the strip. */
export function chainStrip(view: View): TemplateResult {
  const { groups } = view;
  return html`<ol class="chain">
    ${groups.map((group, index) => [box(view, group), index < groups.length - 1 ? edge(view, group) : databaseEdge()])}
    ${groups.length > 0 ? database(view) : html`<li class="muted">Waiting for the lab.</li>`}
  </ol>`;
}

/** The chain in one line, where the whole one has left the window; it repeats what stands there, so it is drawn only. */
export function smallChain(view: View): TemplateResult {
  return html`<p class="small-chain" aria-hidden="true">
    ${view.groups.map((group) => {
      const states = toBreakers(group).map((breaker) => toShownState(view, breaker));
      const worst = toWorst(states);
      const isBroken = toFaults(group).length > 0;
      return html`<span class="stop" data-broken=${String(isBroken)}>${isBroken ? icon('warning') : null}${group.name}</span>${
        states.length === 0
          ? null
          : html`<span class="state" data-state=${worst}>${icon(stateIcons[worst])}</span>`
      }`;
    })}
  </p>`;
}

function box(view: View, group: Group): TemplateResult {
  const faults = toFaults(group);
  const isAway = view.stale || group.instances.every(({ connected }) => !connected);
  const isSingle = group.instances.length === 1;
  return html`<li class="service" data-away=${String(isAway)} data-broken=${String(faults.length > 0)}>
    ${
      isSingle
        ? html`<p><strong>${group.name}</strong> <span class="port">${toPort(group.instances[0])}</span></p>
            <p class="muted">${group.instances.map((service) => health(view, service, true))}</p>`
        : html`<p><strong>${group.name}</strong> <span class="port">× ${group.instances.length}</span>${shared(view, group)}</p>
            <ul class="instances">
              ${group.instances.map(
                (service) =>
                  html`<li class="muted"><span class="port">${toInstanceLabel(group, service)}</span> ${health(view, service, false)}</li>`,
              )}
            </ul>`
    }
    ${faults.map((fault) => {
      const left = toLeftMs(fault, view.now);
      return html`<p class="fault">${icon('warning')}${toShareWords(group, fault)}${toShortFault(fault)}${
        left === null ? null : `, ${toWholeSeconds(left)} left`
      }</p>`;
    })}
  </li>`;
}

/** What several instances have pending: it is in the collection that they share, so it is said once. */
function shared(view: View, group: Group): string | null {
  const pending = view.stale ? 0 : toPending([group]);
  return pending > 0 ? ` · ${pending} pending` : null;
}

/** Whether an instance is ready, its requests, and, of a single one, its pending documents. */
function health(view: View, { connected, lastHeardAt, status }: LabService, isSingle: boolean): string {
  if (view.stale) return 'no data';
  if (!connected || status === null) {
    return lastHeardAt === null ? 'away, never heard' : `away since ${toClock(lastHeardAt)}`;
  }
  const state = status.ready ? 'ready' : status.phase === 'serving' ? 'not ready' : status.phase;
  const pending = isSingle ? (status.relay?.pending ?? 0) : 0;
  const rate = `${toRate(status.requests.perSecond)} req/s`;
  return [state, rate, ...(pending > 0 ? [`${pending} pending`] : [])].join(' · ');
}

function edge(view: View, group: Group): TemplateResult {
  const breakers = toBreakers(group);
  const [first] = breakers;
  if (first === undefined) {
    return html`<li class="edge" data-state="no_data"><div class="guard">${pill('no_data')}<p class="muted">not heard yet</p></div></li>`;
  }
  const words = breakers.length === 1 ? toEdgeWords(view, first) : toRouteCounts(view, breakers);
  return html`<li class="edge" data-state=${toWay(view, breakers)}>
    <div class="guard">
      <span class="visually-hidden">${toTitle(breakers.length === 1 ? first.report.name : first.route)}:</span>
      ${routePill(view, breakers)}
      <p class="muted">${words}</p>
    </div>
  </li>`;
}

/** The worst state of several breakers, with how many are in it. */
export function routePill(view: View, breakers: readonly ShownBreaker[]): TemplateResult {
  const states = breakers.map((breaker) => toShownState(view, breaker));
  const worst = toWorst(states);
  const count = states.filter((state) => state === worst).length;
  return pill(worst, count === states.length ? '' : `${count} of ${states.length}`);
}

/** The state of a route of several breakers: passable with one of them closed. */
export function toWay(view: View, breakers: readonly ShownBreaker[]): ShownState {
  const states = breakers.map((breaker) => toShownState(view, breaker));
  return states.includes('closed') ? 'closed' : toWorst(states);
}

function toWorst(states: readonly ShownState[]): ShownState {
  const order: readonly ShownState[] = ['open', 'forced_open', 'half_open', 'no_data', 'disabled', 'closed'];
  return order.find((state) => states.includes(state)) ?? 'no_data';
}

function databaseEdge(): TemplateResult {
  return html`<li class="edge plain" data-state="closed" aria-hidden="true"></li>`;
}

function database(view: View): TemplateResult {
  const heard = view.stale
    ? []
    : view.groups.flatMap(({ instances }) => instances).filter(({ connected }) => connected);
  const troubled = heard.filter(({ status }) => status !== null && status.database !== 'ok');
  const slowest = Math.max(0, ...heard.map(({ status }) => status?.databaseMs ?? 0));
  const isAway = heard.length === 0;
  return html`<li class="service database" data-away=${String(isAway)} data-broken=${String(troubled.length > 0)}>
    <p><strong>MongoDB</strong></p>
    ${
      troubled.length === 0
        ? html`<p class="muted">${isAway ? 'no data' : `ok · ${toMs(slowest)}`}</p>`
        : troubled.map(
            ({ name, status }) => html`<p class="fault">${icon('warning')}${name}: ${status?.database}</p>`,
          )
    }
  </li>`;
}

function toPort(service: LabService | undefined): string {
  return service === undefined ? '' : `:${new URL(service.url).port || '80'}`;
}
