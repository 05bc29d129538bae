/** The glossary: the picture of the states, and every word of the page. */
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { type WordName, words } from '../model/glossary.ts';
import { button } from './button.ts';

/** What the picture says. */
const picture =
  'Closed: every call passes. When too many calls fail the breaker opens, and no call passes. When its open time is over it is half-open: one call passes, the probe. When the probe succeeds it closes, when it fails it opens again for longer.';

/** Draws the content of the dialog; the word that was asked for is marked. */
export function glossaryDialog(asked: WordName | null, actions: Actions): TemplateResult {
  return html`
    <div class="section-head">
      <h2 id="dialog-title">Glossary</h2>
      ${button({ text: 'Close', act: actions.closeDialog })}
    </div>
    <div class="states-picture" role="img" aria-label=${picture}></div>
    <dl class="words">
      ${words.map(
        ([word, { name, means }]) =>
          html`<div data-asked=${String(word === asked)}><dt>${name}</dt><dd>${means}</dd></div>`,
      )}
    </dl>
    <p class="muted">What an answer calls a problem is explained under <a href="/problems">Problems</a>.</p>
    <div class="handles">${button({ text: 'Close', act: actions.closeDialog })}</div>
  `;
}
