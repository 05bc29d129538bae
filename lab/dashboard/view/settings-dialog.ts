/**
 * The settings of one breaker: change them, or try them in shadow first.
 *
 * The service validates them; its errors are shown at the fields.
 */
import { type BreakerSettings, breakerRanges } from '@holdfast/shared/resilience/breaker-settings.ts';
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import type { ShownBreaker } from '../model/chain.ts';
import { toTitle } from '../model/format.ts';
import { toChangedSettings } from '../model/page-state.ts';
import type { View } from '../model/view.ts';
import { toShadowWords } from './breaker-card.ts';
import { button, whyOff } from './button.ts';
import { field, formAnswer } from './form.ts';

const words: Readonly<Record<keyof BreakerSettings, readonly [label: string, unit: string]>> = {
  thresholdRatio: ['Opens when a larger share of calls fails than', '0 to 1'],
  minCalls: ['Needs at least so many calls', 'calls'],
  windowMs: ['Counts as far back as', 'ms'],
  openMs: ['Waits before the first probe', 'ms'],
  openMaxMs: ['Waits between probes at most', 'ms'],
  openFactor: ['Each failed probe makes the wait longer by', 'times'],
  jitterRatio: ['Shortens a grown wait at random by up to', '0 to 1'],
  probeTimeoutMs: ['A probe must end within', 'ms'],
  probeSuccesses: ['Good probes in a row that close it', 'probes'],
};

const names = Object.keys(breakerRanges) as (keyof BreakerSettings)[];

/** Draws the content of the dialog. */
export function settingsDialog(view: View, breaker: ShownBreaker, actions: Actions): TemplateResult {
  const { report } = breaker;
  const { answer } = view.page;
  const off = whyOff(view);
  const refuse = actions.say;
  const read = () => {
    const form = document.getElementById('settings-form') as HTMLFormElement;
    const typed = Object.fromEntries(names.map((name) => [name, String(new FormData(form).get(name) ?? '')]));
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
      ${report.config.attemptTimeoutMs === null ? null : html`A call may take ${report.config.attemptTimeoutMs} ms; that is set at the start of the service. `}Changes last until the service restarts.
    </p>
    <form
      id="settings-form"
      novalidate
      @submit=${(event: Event) => {
        event.preventDefault();
        apply();
      }}
    >
      ${names.map((name) => {
        const { min, max } = breakerRanges[name];
        const [label, unit] = words[name];
        return field({
          name,
          label,
          hint: unit.startsWith('0 to') ? `${name}, ${min} to ${max}` : `${name}, ${min} to ${max} ${unit}`,
          value: String(report.config[name]),
          error: answer?.fields[name],
        });
      })}
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
