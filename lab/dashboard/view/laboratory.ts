/** The laboratory, folded until somebody asks: settings on trial, experiments, recordings. */
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toTitle } from '../model/format.ts';
import { toHop } from '../model/laboratory.ts';
import type { View } from '../model/view.ts';
import { experiments } from './laboratory-experiments.ts';
import { recordings } from './laboratory-recordings.ts';
import { trial } from './laboratory-trial.ts';

/** Draws the section. */
export function laboratory(view: View, actions: Actions): TemplateResult {
  const { isOpen } = view.page.laboratory;
  const names = [...new Set(view.routes.map(({ name }) => name))];
  const hop = toHop(view.page.laboratory, names);
  const toggled = ({ target }: Event) => actions.unfoldLaboratory((target as HTMLDetailsElement).open);
  return html`<details ?open=${isOpen} @toggle=${toggled}>
    <summary>
      <h2 id="laboratory">Laboratory</h2>
      <span class="muted small">which settings? An answer by measurement</span>
    </summary>
    ${!isOpen ? null : hop === undefined ? html`<p class="muted">No service with a next hop was heard of yet.</p>` : parts(view, actions, { names, hop })}
  </details>`;
}

function parts(view: View, actions: Actions, hops: Hops): TemplateResult {
  return html`<div class="lab-parts">
    ${chooser(hops, actions)} ${trial(view, actions, hops.hop)} ${experiments(view, actions)}
    ${recordings(view, actions, hops.hop)}
  </div>`;
}

interface Hops {
  readonly names: readonly string[];
  /** The chosen one. */
  readonly hop: string;
}

/** The hop that everything below is about. */
function chooser({ names, hop }: Hops, actions: Actions): TemplateResult {
  return html`<label class="choice" for="laboratory-hop">
    <span>For the calls of</span>
    <select id="laboratory-hop" @change=${(event: Event) => actions.chooseHop((event.target as HTMLSelectElement).value)}>
      ${names.map((name) => html`<option value=${name} ?selected=${name === hop}>${toTitle(name)}</option>`)}
    </select>
  </label>`;
}
