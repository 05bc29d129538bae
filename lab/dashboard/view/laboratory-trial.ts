/**
 * Settings on trial: the present ones of a hop beside the best three of its last tune, on the calls that come now.
 *
 * Two ways to judge stand apart, each with what it can and cannot say.
 */
import { html, type TemplateResult } from 'lit-html';
import type { TrialArm, TrialStatus, TuneSummary } from '../../server/policy-trial.ts';
import type { Actions } from '../browser/actions.ts';
import { toClock, toCount, toTitle } from '../model/format.ts';
import {
  type TrialRow,
  toArmName,
  toReplayRows,
  toSettingLabel,
  toSettingRows,
  toShadowRows,
  toTune,
} from '../model/laboratory.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { icon } from './icons.ts';
import { term } from './term.ts';

/** Draws the part; `hop` is the one that was chosen. */
export function trial(view: View, actions: Actions, hop: string): TemplateResult {
  const { trial: status, tunes } = view.page.laboratory;
  const tune = toTune(view.page.laboratory, hop);
  const isRunning = status?.state === 'running';
  const shown = status !== null && status.hop === hop && status.arms.length > 0 ? status : null;
  return html`<section class="lab-part" aria-labelledby="laboratory-trial">
    <h3 id="laboratory-trial">Best settings on live traffic</h3>
    ${tune === undefined ? noTune(hop, tunes?.unavailable ?? null) : lastTune(tune)}
    <div class="lab-controls">
      ${
        isRunning
          ? button({
              text: 'Stop the trial',
              icon: 'stop',
              act: actions.stopTrial,
              off: whyOff(view),
              refuse: actions.say,
            })
          : button({
              text: 'Try in shadow',
              icon: 'play',
              look: 'main',
              act: () => actions.startTrial(hop),
              off: whyOff(view) ?? (tune === undefined ? 'There is no tune of this hop yet.' : null),
              refuse: actions.say,
              label: 'Try in shadow the best settings of the last tune',
            })
      }
      <p class="muted small" role="status">${status === null ? '' : toProgress(status)}</p>
    </div>
    ${shown === null ? null : table(view, shown, actions)}
    ${tune === undefined ? null : reasons(tune)}
  </section>`;
}

function noTune(hop: string, unavailable: string | null): TemplateResult {
  if (unavailable !== null) return html`<p class="notice">${icon('warning')}${unavailable}</p>`;
  return html`<p>No tune of ${toTitle(hop)} yet. This command finds the best settings, and they appear here:</p>
    <p><code>npm run tune -- --for ${hop} --fault slow:3x:10s --rate 80</code></p>`;
}

function lastTune({ sentence, at, command }: TuneSummary): TemplateResult {
  return html`<p>${sentence}</p>
    <p class="muted small">By the tune of ${toClock(at)}: <code>${command}</code></p>`;
}

function toProgress({ state, hop, startedAt, calls, why }: TrialStatus): string {
  if (state === 'none') return '';
  const of = `${toTitle(hop ?? '')}: ${toCount(calls, 'call')} since ${toClock(startedAt ?? 0)}`;
  if (state === 'failed') return `The trial ended: ${why}`;
  return `${of}${state === 'stopped' ? ', stopped' : ''}.${why === null ? '' : ` ${why}`}`;
}

function table(view: View, status: TrialStatus, actions: Actions): TemplateResult {
  const { arms, replayed, calls } = status;
  const columns = arms.length + 1;
  return html`
    <table class="table trial">
      <caption class="visually-hidden">The present settings of ${toTitle(status.hop ?? '')} beside the best of the last tune</caption>
      <thead>
        <tr><td></td>${arms.map((arm) => html`<th scope="col">${toArmName(arm)}</th>`)}</tr>
      </thead>
      <tbody>
        <tr class="way"><th scope="rowgroup" colspan=${columns}>
          <strong>In ${term('shadow', actions)}</strong>, by the outcomes of ${toCount(calls, 'call')}: nothing is fed back, so it says nothing of retries and timeouts.
        </th></tr>
        ${toShadowRows(arms).map(rowOf)}
      </tbody>
      <tbody>
        <tr class="way"><th scope="rowgroup" colspan=${columns}>
          <strong>${term('replay', actions, 'Replay in virtual time')}</strong>${replayed === null ? ': not yet.' : `, with the neighbour that was fitted from ${toCount(replayed.calls, 'call')} at ${toClock(replayed.at)}: a retry is one more call for it.`}
        </th></tr>
        ${toReplayRows(arms).map(rowOf)}
      </tbody>
      <tbody>
        <tr class="way"><th scope="rowgroup" colspan=${columns}><strong>Settings that differ</strong></th></tr>
        ${toSettingRows(arms).map(rowOf)}
        <tr class="apply"><th scope="row">make them those of the chain</th>
          ${arms.map((arm) => html`<td>${arm.name === 'current' ? null : apply(view, status, arm, actions)}</td>`)}
        </tr>
      </tbody>
    </table>
    ${replayed === null || replayed.sentences.length === 0 ? null : html`<details class="small"><summary>What was found in the calls</summary><ul>${replayed.sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></details>`}
  `;
}

function rowOf({ label, values }: TrialRow): TemplateResult {
  return html`<tr><th scope="row">${label}</th>${values.map((value) => html`<td>${value}</td>`)}</tr>`;
}

function apply(view: View, { hop }: TrialStatus, arm: TrialArm, actions: Actions): TemplateResult {
  return button({
    text: 'Apply',
    look: 'small',
    act: () => actions.applyPolicy(hop ?? '', arm),
    off: whyOff(view),
    refuse: actions.say,
    label: `Apply ${toArmName(arm)} to ${toTitle(hop ?? '')}`,
  });
}

/** What the last tune says of each setting, and of what its best cost. */
function reasons({ why, best }: TuneSummary): TemplateResult {
  return html`<details class="small">
    <summary>Why these settings?</summary>
    <dl class="reasons">
      ${best.map(({ costs }, index) => html`<div><dt>best ${index + 1}</dt><dd>${costs}</dd></div>`)}
      ${Object.entries(why).map(([path, reason]) => html`<div><dt>${toSettingLabel(path)}</dt><dd>${reason}</dd></div>`)}
    </dl>
  </details>`;
}
