/** The form with every kind of fault and every field. */
import { faultTypes } from '@holdfast/shared/faults/fault-events.ts';
import { faultDelayMs, faultStatus, faultTtlMs } from '@holdfast/shared/faults/fault-ranges.ts';
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toFormFault } from '../model/fault-form.ts';
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
  const error = (name: string) => answer?.fields[name];
  const send = () => {
    const form = new FormData(document.getElementById('fault-form') as HTMLFormElement);
    return actions.sendFault(
      service,
      toFormFault((name) => String(form.get(name) ?? '').trim()),
      instance,
    );
  };
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
      ${field({ name: 'name', label: 'Name', hint: 'small letters, digits and dashes; the same name changes a fault', value: 'mine', type: 'text', error: error('name') })}
      ${choice('type', 'What it does', faultTypes)}
      ${choice('phase', 'Before or after the document is saved', ['before', 'after'])}
      ${field({ name: 'rate', label: 'Share of requests that it hits', hint: '0 to 1', value: '1', error: error('rate') })}
      ${field({ name: 'status', label: 'Status of an error', hint: `${faultStatus.min} to ${faultStatus.max}`, value: `${faultStatus.fallback}`, error: error('status') })}
      ${field({ name: 'ms', label: 'Delay of a latency', hint: 'milliseconds', value: `${faultDelayMs.fallback}`, error: error('ms') })}
      ${field({ name: 'jitterMs', label: 'How much the delay varies', hint: 'milliseconds to either side', value: '0', error: error('jitterMs') })}
      ${field({ name: 'match', label: 'Only documents whose id is', hint: '* stands for anything; empty is all', value: '', type: 'text', error: error('match') })}
      ${field({ name: 'times', label: 'Hits after which it is over', hint: 'empty is without limit', value: '', error: error('times') })}
      ${field({ name: 'seconds', label: 'For how long', hint: `1 to ${faultTtlMs.max / 1_000} seconds`, value: `${faultTtlMs.fallback / 1_000}`, error: error('ttlMs') })}
      ${field({ name: 'seed', label: 'Seed of its dice', hint: 'empty is a new one', value: '', error: error('seed') })}
      ${formAnswer(answer)}
      <div class="handles">
        ${button({ text: 'Start fault', look: 'main', act: send, off: whyOff(view), refuse: actions.say })}
        ${button({ text: 'Close', look: 'quiet', act: actions.closeDialog })}
      </div>
    </form>
  `;
}
