/**
 * The settings of one breaker: change them, or try them in shadow first.
 *
 * The service validates them; its errors are shown at the fields. Beside each stands why it is what it is.
 */
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import type { ShownBreaker } from '../model/chain.ts';
import { settingFields } from '../model/form-words.ts';
import { toTitle } from '../model/format.ts';
import { toTune } from '../model/laboratory.ts';
import { toChangedSettings } from '../model/page-state.ts';
import { type SettingReason, toReason } from '../model/setting-reasons.ts';
import type { View } from '../model/view.ts';
import { toShadowWords } from './breaker-card.ts';
import { button, whyOff } from './button.ts';
import { field, formAnswer } from './form.ts';

/** Draws the content of the dialog. */
export function settingsDialog(view: View, breaker: ShownBreaker, actions: Actions): TemplateResult {
  const { report, route } = breaker;
  const { answer, laboratory } = view.page;
  const tune = toTune(laboratory, route);
  const off = whyOff(view);
  const refuse = actions.say;
  const read = () => {
    const form = document.getElementById('settings-form') as HTMLFormElement;
    const typed = Object.fromEntries(
      settingFields.map(({ name }) => [name, String(new FormData(form).get(name) ?? '')]),
    );
    return toChangedSettings(typed as Record<keyof BreakerSettings, string>, report.config);
  };
  const apply = () =>
    actions.changeSettings(
      breaker,
      { settings: read() },
      'Applied. The window was cleared if anything changed.',
    );
  return html`
    <h2 id="dialog-title">Settings of ${toTitle(report.name)}</h2>
    <p class="muted">
      ${report.config.attemptTimeoutMs === null ? null : html`A call may take ${report.config.attemptTimeoutMs} ms; that and all else of the way there is in PATCH /policy. `}Changes last until the service restarts.
    </p>
    <form
      id="settings-form"
      novalidate
      @submit=${(event: Event) => {
        event.preventDefault();
        apply();
      }}
    >
      ${settingFields.map(({ name, label, hint }) =>
        field({
          ...{ name, label, hint, value: String(report.config[name]), error: answer?.fields[name] },
          below: why(toReason(name, route, tune), label),
        }),
      )}
      ${report.shadow === null ? null : html`<p class="shadow"><strong>In shadow:</strong> ${toShadowWords(report.shadow)}</p>`}
      ${formAnswer(answer)}
      <div class="handles">
        ${button({ text: 'Apply', look: 'main', act: apply, off, refuse })}
        ${button({
          text: 'Try in shadow',
          act: () =>
            actions.changeSettings(
              breaker,
              { shadow: read() },
              'In shadow now: it judges every call and decides nothing.',
            ),
          off,
          refuse,
        })}
        ${
          report.shadow === null
            ? null
            : button({
                text: 'Stop shadow',
                act: () => actions.changeSettings(breaker, { shadow: null }, 'The trial has ended.'),
                off,
                refuse,
              })
        }
        ${button({ text: 'Close', look: 'quiet', act: actions.closeDialog })}
      </div>
    </form>
  `;
}

/** The reason of one setting, folded; the label tells the nine of them apart for who does not see the field above. */
function why({ sentence, command, isMeasured }: SettingReason, label: string): TemplateResult {
  return html`<details class="small why-setting">
    <summary>Why this setting?<span class="visually-hidden"> ${label}</span></summary>
    <p>${sentence}</p>
    <p class="muted">${isMeasured ? 'Measured by' : 'To measure it:'} <code>${command}</code></p>
  </details>`;
}
