/** Fields of a form with their range and error, and the result of the whole form. */
import { html, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import { toFieldError, toFieldErrors } from '../model/form-words.ts';
import type { FormAnswer } from '../model/page-state.ts';
import { icon } from './icons.ts';

/** A field. */
export interface FieldOptions {
  readonly name: string;
  readonly label: string;
  /** Unit and range. */
  readonly hint: string;
  /** Its initial value. */
  readonly value: string;
  readonly type?: 'number' | 'text' | undefined;
  /** The service's error message. */
  readonly error?: string | undefined;
  /** What stands below it, such as a reason that unfolds. */
  readonly below?: TemplateResult | undefined;
}

/** Draws a field for a number or a text. */
export function field({
  name,
  label,
  hint,
  value,
  type = 'number',
  error,
  below,
}: FieldOptions): TemplateResult {
  const isWrong = error !== undefined;
  return html`<div class="field">
    <label for="field-${name}">${label}</label>
    <input
      id="field-${name}"
      name=${name}
      type=${type}
      step=${ifDefined(type === 'number' ? 'any' : undefined)}
      value=${value}
      autocomplete="off"
      aria-describedby="hint-${name}${isWrong ? ` error-${name}` : ''}"
      aria-invalid=${ifDefined(isWrong ? 'true' : undefined)}
    />
    <p class="muted small" id="hint-${name}">${hint}</p>
    ${isWrong ? html`<p class="error" id="error-${name}">${icon('warning')}${toFieldError(name, error)}</p>` : null}
    ${below}
  </div>`;
}

/** Draws a list to choose from. */
export function choice(name: string, label: string, values: readonly string[]): TemplateResult {
  return html`<div class="field">
    <label for="field-${name}">${label}</label>
    <select id="field-${name}" name=${name}>
      ${values.map((value) => html`<option value=${value}>${value}</option>`)}
    </select>
  </div>`;
}

/** Draws the result of the whole form, each wrong field by its label; the element always exists, so that a change is read out. */
export function formAnswer(answer: FormAnswer | null): TemplateResult {
  const kind = answer === null ? 'none' : answer.ok ? 'done' : 'failed';
  const errors = toFieldErrors(answer?.fields ?? {});
  return html`<div class="form-answer" data-kind=${kind} role="status">
    ${answer === null ? null : html`<p>${icon(answer.ok ? 'check' : 'warning')}${answer.message}</p>`}
    ${errors.length < 2 ? null : html`<ul>${errors.map((error) => html`<li>${error}</li>`)}</ul>`}
  </div>`;
}
