/** The form with every kind of fault and every field. */
import { faultTypes } from '@holdfast/shared/faults/fault-events.ts';
import { faultDelayMs, faultStatus, faultTtlMs } from '@holdfast/shared/faults/fault-ranges.ts';
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toFormFault } from '../model/fault-form.ts';
import { faultFields } from '../model/form-words.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { choice, field, formAnswer } from './form.ts';

/** Draws the content of the dialog for one service, or for one instance of it. */
export function faultForm(
  view: View,
  { service, instance }: { readonly service: string; readonly instance: string | null },
  actions: Actions,
): TemplateResult {
  const { answer } = view.page;
  const send = () => {
    const form = new FormData(document.getElementById('fault-form') as HTMLFormElement);
    return actions.sendFault(
      service,
      toFormFault((name) => String(form.get(name) ?? '').trim()),
      instance,
    );
  };
  const input = (name: keyof typeof faultFields, value: string | number, type?: 'text') =>
    field({ name, ...faultFields[name], value: String(value), type, error: answer?.fields[name] });
  return html`
    <h2 id="dialog-title">A fault for ${service}${instance === null ? '' : ` at ${instance}`}</h2>
    <form
      id="fault-form"
      novalidate
      @submit=${(event: Event) => {
        event.preventDefault();
        send();
      }}
    >
      ${input('name', 'mine', 'text')}
      ${choice('type', faultFields.type.label, faultTypes)}
      ${choice('phase', faultFields.phase.label, ['before', 'after'])}
      ${input('rate', 1)} ${input('status', faultStatus.fallback)} ${input('ms', faultDelayMs.fallback)}
      ${input('jitterMs', 0)} ${input('match', '', 'text')} ${input('times', '')}
      ${input('ttlMs', faultTtlMs.fallback / 1_000)} ${input('seed', '')}
      ${formAnswer(answer)}
      <div class="handles">
        ${button({ text: 'Start fault', look: 'main', act: send, off: whyOff(view), refuse: actions.say })}
        ${button({ text: 'Close', look: 'quiet', act: actions.closeDialog })}
      </div>
    </form>
  `;
}
