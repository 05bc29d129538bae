/**
 * A word that explains itself: on hover and focus in a tooltip (browser/tooltips.ts), and when pressed in the glossary.
 */
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { glossary, type WordName, words } from '../model/glossary.ts';

/** Draws a word; `text` is shown instead of its name. */
export function term(word: WordName, actions: Actions, text: string = glossary[word].name): TemplateResult {
  return html`<button type="button" class="term" data-term=${word} aria-describedby="word-${word}" @click=${() => actions.openGlossary(word)}>${text}</button>`;
}

/** The explanations, hidden, for `aria-describedby`, and the one tooltip. */
export function explanations(): TemplateResult {
  return html`<div hidden>${words.map(([word, { means }]) => html`<p id="word-${word}">${means}</p>`)}</div>
    <div class="tip" id="tip" aria-hidden="true"></div>`;
}
