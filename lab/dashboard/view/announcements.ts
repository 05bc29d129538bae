/** The live regions for screen readers: one sentence per transition, and the results of actions. */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Actions } from '../browser/actions.ts';
import type { View } from '../model/view.ts';
import { icon } from './icons.ts';

/** Draws the sentences. They come from the newest state even while the view is frozen. */
export function spoken({ page }: View): TemplateResult {
  return html`<div class="visually-hidden" role="log" aria-live="polite" aria-label="Breaker transitions">
    ${repeat(
      page.lab.spoken,
      ({ id }) => id,
      ({ text }) => html`<p>${text}</p>`,
    )}
  </div>`;
}

/** Draws the results of actions. */
export function toasts({ page }: View, actions: Actions): TemplateResult {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${repeat(
      page.toasts,
      ({ id }) => id,
      ({ id, kind, text }) => html`<p class="toast" data-kind=${kind}>
        ${icon(kind === 'done' ? 'check' : 'warning')}<span>${text}</span>
        <button type="button" class="link" aria-label="Dismiss this message" @click=${() => actions.dismiss(id)}>${icon('cross')}</button>
      </p>`,
    )}
  </div>`;
}
