/** The strip "as the customer sees it": the newest answers of the chain. */
import { html, type TemplateResult } from 'lit-html';
import type { CustomerAnswer } from '../../server/wire.ts';
import { toMs } from '../model/format.ts';
import type { View } from '../model/view.ts';

type Kind = 'completed' | 'pending' | 'refused' | 'failed' | 'unanswered';

const words: Readonly<Record<Kind, string>> = {
  completed: 'completed (200)',
  pending: 'kept, pending (202)',
  refused: 'refused (4xx)',
  failed: 'failed (5xx)',
  unanswered: 'no answer',
};

const kinds = Object.keys(words) as Kind[];

/** Draws the strip. */
export function customers(view: View): TemplateResult {
  const traffic = view.lab.status?.traffic;
  const recent = (traffic?.recent ?? []).slice(-60);
  return html`
    <div class="tally-row"><h3 id="customers">As the customer sees it</h3>
    <div class="answers" aria-hidden="true">
      ${recent.length === 0 ? html`<span class="muted">no answers yet</span>` : recent.map(answerBox)}
    </div>
    <dl class="tally">
      ${kinds.map(
        (kind) => html`<div data-kind=${kind}>
          <dt><span class="answer" data-kind=${kind} aria-hidden="true"></span>${words[kind]}</dt>
          <dd>${traffic?.counts[kind] ?? 0}</dd>
        </div>`,
      )}
      <div><dt>p50</dt><dd>${toMs(traffic?.p50Ms)}</dd></div>
      <div><dt>p99</dt><dd>${toMs(traffic?.p99Ms)}</dd></div>
      ${(traffic?.dropped ?? 0) > 0 ? html`<div><dt>not sent, too many waiting</dt><dd>${traffic?.dropped}</dd></div>` : null}
    </dl></div>
  `;
}

function answerBox({ id, status, ms }: CustomerAnswer): TemplateResult {
  const kind = toKind(status);
  return html`<span class="answer" data-kind=${kind} title="${id}: ${status ?? 'no answer'}, ${toMs(ms)}"></span>`;
}

function toKind(status: number | null): Kind {
  if (status === null) return 'unanswered';
  if (status === 200 || status === 201) return 'completed';
  if (status === 202) return 'pending';
  return status < 500 ? 'refused' : 'failed';
}
