/** The newest orders, each with its result at every hop and its status. */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Actions } from '../browser/actions.ts';
import { toInstanceLabel } from '../model/chain.ts';
import { toMs, toShortId } from '../model/format.ts';
import { type Cell, type CellKind, toCells } from '../model/order-cells.ts';
import { type ResultKind, toResult } from '../model/order-result.ts';
import { type DocumentProgress, type Root, toParts } from '../model/orders.ts';
import { toStoryHash } from '../model/story-address.ts';
import type { View } from '../model/view.ts';
import { type IconName, icon } from './icons.ts';

const cellIcons: Readonly<Record<CellKind, IconName>> = {
  ok: 'check',
  rejected: 'barred',
  timeout: 'clock',
  failed: 'cross',
  unknown: 'question',
  none: 'dash',
  working: 'dots',
};

/** The meaning of an icon without a word. */
const cellWords: Readonly<Record<CellKind, string>> = {
  ok: 'ok',
  rejected: 'rejected',
  timeout: 'timed out',
  failed: 'failed',
  unknown: 'unknown',
  none: 'not asked',
  working: 'in work',
};

const resultIcons: Readonly<Record<ResultKind, IconName>> = {
  done: 'check',
  pending: 'dots',
  undone: 'back',
  failed: 'cross',
};

/** Draws a field that finds an order, and the table, in which each order leads to its story. */
export function orders(view: View, actions: Actions): TemplateResult {
  return html`${finder(actions)} ${table(view)}`;
}

function finder(actions: Actions): TemplateResult {
  return html`<form
    class="finder"
    role="search"
    @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      actions.findOrder(String(new FormData(event.target as HTMLFormElement).get('order') ?? ''));
    }}
  >
    <label class="visually-hidden" for="find-order">Find an order by its id, or by an answer that has one</label>
    <input id="find-order" name="order" type="text" maxlength="20000" autocomplete="off" spellcheck="false" placeholder="Find an order: its id, or a pasted answer" />
    <button type="submit" class="button">Find</button>
  </form>`;
}

/** The arrow keys lead from row to row. */
function step(event: KeyboardEvent): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by === undefined || event.target === null) return;
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll('a')];
  const next = links[links.indexOf(event.target as HTMLAnchorElement) + by];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}

/** Its roles are written out, since on narrow windows it is laid out as a list. */
function table(view: View): TemplateResult {
  const names = view.groups.map(({ name }) => name);
  const labels = toInstanceLabels(view);
  const { shown } = view.lab.orders;
  if (shown.roots.length === 0) {
    return html`<p class="muted">No orders yet. Start traffic, or send one order.</p>`;
  }
  return html`<table class="table orders" role="table" aria-labelledby="orders">
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">Order</th>
        ${names.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}
        <th role="columnheader" scope="col">Result</th>
      </tr>
    </thead>
    <tbody role="rowgroup" @keydown=${step}>
      ${repeat(
        shown.roots,
        ({ key }) => key,
        (root) => row(view, root, names, labels),
      )}
    </tbody>
  </table>`;
}

/** Labels by level and instance, for services with several instances. */
type Labels = readonly ReadonlyMap<string, string>[];

function toInstanceLabels({ groups }: View): Labels {
  return groups.map(
    (group) =>
      new Map(
        group.instances.flatMap((service) => {
          const label = toInstanceLabel(group, service);
          return service.status === null || label === null ? [] : [[service.status.instance, label]];
        }),
      ),
  );
}

function row(view: View, root: Root, names: readonly string[], labels: Labels): TemplateResult {
  const parts = toParts(view.lab.orders, root, names.length);
  const result = toResult(parts[root.level], view.now);
  return html`<tr role="row">
    <th role="rowheader" scope="row" class="mono" title=${root.id}><a href=${toStoryHash(root.id)} aria-label="${toShortId(root.id)}, story of order ${root.id}">${toShortId(root.id)}</a></th>
    ${toCells(parts, names).map(
      (cell, index) =>
        html`<td role="cell" data-kind=${cell.kind}><span class="hop-name" aria-hidden="true">${names[index]}</span>${hop(cell)}${served(parts[index], labels[index])}</td>`,
    )}
    <td role="cell" class="result" data-kind=${result.kind} title=${result.why ?? ''}>${icon(resultIcons[result.kind])}${result.words}</td>
  </tr>`;
}

/** The instance that took the document, if there are several. */
function served(
  part: DocumentProgress | undefined,
  labels: Labels[number] | undefined,
): TemplateResult | null {
  const instance = part?.answered?.instance ?? part?.last.instance;
  const label = instance === undefined ? undefined : labels?.get(instance);
  return label === undefined
    ? null
    : html` <span class="served"><span class="visually-hidden">by </span>${label}</span>`;
}

function hop({ kind, ms, word }: Cell): TemplateResult {
  const shown = word ?? (ms === null ? '' : toMs(ms));
  const hidden = shown === '' || (ms !== null && word === null) ? cellWords[kind] : '';
  return html`${icon(cellIcons[kind])}<span class="visually-hidden">${hidden} </span>${shown}`;
}
