/**
 * The ledger on top of the page: every accepted order is completed, cancelled or still pending, none is lost or doubled,
 * and who says so.
 */
import { html, type TemplateResult } from 'lit-html';
import type { LabLedger } from '../../server/wire.ts';
import { none } from '../model/format.ts';
import { toAuditWords, toLedgerSentence, toLedgerTrouble } from '../model/ledger.ts';
import { isPointed, type View } from '../model/view.ts';
import { icon } from './icons.ts';

/** Draws the ledger. */
export function ledger(view: View): TemplateResult {
  const { status } = view.lab;
  const book = status?.ledger;
  const trouble = book === undefined ? undefined : toLedgerTrouble(book);
  return html`<section class="card ledger" data-pointed=${String(isPointed(view, 'ledger'))} aria-labelledby="ledger" data-trouble=${String(trouble !== undefined)}>
    <h2 id="ledger" class="visually-hidden">The ledger of all orders</h2>
    <p class="visually-hidden">${toLedgerSentence(book, view.now)}</p>
    <div class="equation" aria-hidden="true">
      ${figure('accepted', book?.accepted, 'total')}
      <span class="sign">=</span>
      ${figure('completed', book?.completed, 'completed')}
      <span class="sign">+</span>
      ${figure('cancelled', book?.cancelled, 'cancelled')}
      <span class="sign">+</span>
      ${figure('pending', book?.pending, 'pending')}
      ${(book?.dead ?? 0) > 0 ? html`<span class="sign">+</span>${figure('dead', book?.dead, 'dead')}` : null}
      <span class="bar"></span>
      ${figure('lost', book?.lost, 'broken')} ${figure('doubled', book?.doubled, 'broken')}
      <p class="small muted audited">${toAuditWords(book, view.now)}</p>
    </div>
    ${trouble === undefined || book === undefined ? null : alarm(trouble, book)}
    <details class="small">
      <summary>How is this known?</summary>
      <p>
        The numbers on the left are counts of the documents of order in the database. Lost and doubled are no counters:
        the lab runs the same audit as <code>npm run audit</code> all the time. It reads the documents of all services
        and compares each with its parts, its ledger and its stored answer, and with what customers were told. What is
        final and older than every unfinished document never changes; the rest is judged again every few seconds, and
        every document now and then. Without a database nothing is claimed.
      </p>
    </details>
  </section>`;
}

function figure(word: string, value: number | null | undefined, kind: string): TemplateResult {
  const shown = value === null || value === undefined ? none : value.toLocaleString('en-GB');
  return html`<p class="figure" data-kind=${kind} data-zero=${String(value === 0)} data-known=${String(shown !== none)}>
    <span class="small muted">${word}</span><strong>${shown}</strong>
  </p>`;
}

function alarm(trouble: string, { findings }: LabLedger): TemplateResult {
  return html`<div class="alarm" role="alert">
    <p>${icon('warning')}<strong>${trouble}</strong></p>
    <ul class="small">${findings.map((what) => html`<li>${what}</li>`)}</ul>
  </div>`;
}
