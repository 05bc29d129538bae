/** The one dialog of the page: the browser keeps the focus in it and restores it. */
import { html, type TemplateResult } from 'lit-html';
import { keyed } from 'lit-html/directives/keyed.js';
import { live } from 'lit-html/directives/live.js';
import type { Actions } from '../browser/actions.ts';
import { shortcuts } from '../model/shortcuts.ts';
import type { View } from '../model/view.ts';
import { button } from './button.ts';
import { faultForm } from './fault-form.ts';
import { glossaryDialog } from './glossary-dialog.ts';
import { settingsDialog } from './settings-dialog.ts';
import { story } from './story.ts';

/** Draws the dialog; `openDialog` opens it when it has content. */
export function dialogs(view: View, actions: Actions): TemplateResult {
  const { dialog } = view.page;
  const closed = ({ target }: Event) => (target as HTMLDialogElement).open || actions.dialogClosed(dialog);
  return html`<dialog aria-labelledby="dialog-title" data-kind=${dialog?.kind ?? 'none'} @close=${closed}>
    ${dialog === null ? null : keyed(JSON.stringify(dialog), content(view, actions))}
  </dialog>`;
}

/** Opens or closes the element to fit the state. */
export function openDialog({ page }: View): void {
  const element = document.querySelector('dialog');
  if (element === null || element.open === (page.dialog !== null)) return;
  if (page.dialog === null) element.close();
  else {
    element.showModal();
    element.querySelector('[data-asked="true"]')?.scrollIntoView({ block: 'center' });
  }
}

function content(view: View, actions: Actions): TemplateResult | null {
  const { dialog } = view.page;
  switch (dialog?.kind) {
    case 'keys':
      return keys(view, actions);
    case 'glossary':
      return glossaryDialog(dialog.word, actions);
    case 'token':
      return token(actions);
    case 'story':
      return story(view, dialog.order, actions);
    case 'fault':
      return faultForm(view, dialog, actions);
    case 'settings': {
      const breaker = view.breakers.find(({ key }) => key === dialog.breaker);
      return breaker === undefined ? gone(actions) : settingsDialog(view, breaker, actions);
    }
    default:
      return null;
  }
}

function keys({ page }: View, actions: Actions): TemplateResult {
  return html`
    <h2 id="dialog-title">Keys</h2>
    <dl class="keys">
      ${shortcuts.map(({ name, about }) => html`<div><dt><kbd>${name}</kbd></dt><dd>${about}</dd></div>`)}
    </dl>
    <label class="switch">
      <input type="checkbox" .checked=${live(page.shortcutsOn)} @change=${(event: Event) => actions.switchShortcuts((event.target as HTMLInputElement).checked)} />
      Single keys do this; ? always opens this list
    </label>
    <div class="handles">${button({ text: 'Close', act: actions.closeDialog })}</div>
  `;
}

function token(actions: Actions): TemplateResult {
  return html`
    <h2 id="dialog-title">The lab asks for its token</h2>
    <p class="muted">The lab shows and changes nothing without the token of its setting LAB_TOKEN. This tab keeps it until it is closed.</p>
    <form
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        actions.giveToken(String(new FormData(event.target as HTMLFormElement).get('token') ?? ''));
      }}
    >
      <div class="field">
        <label for="field-token">Token</label>
        <input id="field-token" name="token" type="password" required autocomplete="off" />
      </div>
      <div class="handles">
        <button type="submit" class="button main">Use it</button>
        ${button({ text: 'Cancel', look: 'quiet', act: actions.closeDialog })}
      </div>
    </form>
  `;
}

function gone(actions: Actions): TemplateResult {
  return html`
    <h2 id="dialog-title">This breaker is gone</h2>
    <p>Its service was restarted or taken away.</p>
    <div class="handles">${button({ text: 'Close', act: actions.closeDialog })}</div>
  `;
}
