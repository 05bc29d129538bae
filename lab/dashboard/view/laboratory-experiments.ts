/** Experiments: which are known, start one, follow it, and read what each found the last time. */
import { html, type TemplateResult } from 'lit-html';
import type { ExperimentSummary, ExperimentsAnswer, KnownExperiment } from '../../server/experiment.ts';
import type { Actions } from '../browser/actions.ts';
import { toBeyondWords, toExperimentProgress, toMeasureRows, verdictWords } from '../model/experiments.ts';
import { toClock } from '../model/format.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { icon } from './icons.ts';

const verdictIcons = { better: 'check', worse: 'cross', inconclusive: 'question' } as const;

/** Draws the part; nothing where the lab has no experiments. */
export function experiments(view: View, actions: Actions): TemplateResult | null {
  const answer = view.page.laboratory.experiments;
  if (answer === null) return null;
  return html`<section class="lab-part" aria-labelledby="laboratory-experiments">
    <h3 id="laboratory-experiments">Experiments</h3>
    <p class="muted">
      A hypothesis as a number, tried on real processes that are started for it: with and without one thing, at the same
      moment, again and again. The chain above is not touched.
    </p>
    ${answer.unavailable === null ? null : html`<p class="notice">${icon('warning')}${answer.unavailable}</p>`}
    <div class="lab-progress">${running(answer)}</div>
    <ul class="experiments">${answer.known.map((one) => experiment(view, answer, one, actions))}</ul>
  </section>`;
}

/** How far it is, or why the latest one has no result. */
function running({ state, progress, why, name, known }: ExperimentsAnswer): TemplateResult | null {
  const title = known.find((one) => one.name === name)?.title ?? name;
  if (state === 'failed' || state === 'cancelled')
    return html`<p class="notice" role="status">${icon('warning')}${title}: ${why}</p>`;
  if (state !== 'running') return null;
  const { ratio, text } = toExperimentProgress(progress);
  return html`<div class="compare-progress">
    <progress max="1" .value=${ratio} aria-label="Experiment"></progress><span>${title}: ${text}</span>
  </div>`;
}

function experiment(
  view: View,
  answer: ExperimentsAnswer,
  { name, title, shows, hypothesis, seconds }: KnownExperiment,
  actions: Actions,
): TemplateResult {
  const result = answer.results[name];
  const isRunning = answer.state === 'running';
  const isThis = isRunning && answer.name === name;
  const off =
    whyOff(view) ??
    answer.unavailable ??
    (isRunning ? 'Another experiment is running; it is one at a time.' : null);
  return html`<li>
    <div class="experiment-head">
      <h4>${title}</h4>
      ${
        isThis
          ? button({
              ...{ text: 'Cancel', look: 'small', icon: 'stop', act: actions.cancelExperiment },
              ...{ off: whyOff(view), refuse: actions.say, label: `Cancel the experiment ${title}` },
            })
          : button({
              ...{ text: 'Start', look: 'small', icon: 'play', act: () => actions.startExperiment(name) },
              ...{ off, refuse: actions.say, label: `Start the experiment ${title}` },
            })
      }
      <span class="muted small">about ${seconds} s</span>
    </div>
    <p class="small">${shows} <span class="muted">Hypothesis: ${hypothesis}</span></p>
    ${result === undefined ? null : found(name, result)}
  </li>`;
}

function found(name: string, result: ExperimentSummary): TemplateResult {
  const { judgement, startedAt, tookMs, busy, judged, reference } = result;
  const beyond = toBeyondWords(result);
  return html`<div class="experiment-result" data-verdict=${judgement.verdict}>
    <p>
      <strong>${icon(verdictIcons[judgement.verdict])}${verdictWords[judgement.verdict]}</strong> ${judgement.sentence}
    </p>
    ${busy === null ? null : html`<p class="small">${busy}</p>`}
    ${beyond === undefined ? null : html`<p class="small muted">${beyond}</p>`}
    <details class="small">
      <summary>Measures, and how to make it again</summary>
      <table class="table measures">
        <thead>
          <tr><th scope="col">measure</th><th scope="col">${judged}</th>${reference === null ? null : html`<th scope="col">${reference}</th><th scope="col">difference</th>`}</tr>
        </thead>
        <tbody>
          ${toMeasureRows(result).map(
            (row) =>
              html`<tr><th scope="row">${row.label}</th><td>${row.judged}</td>${reference === null ? null : html`<td>${row.reference}</td><td>${row.difference}</td>`}</tr>`,
          )}
        </tbody>
      </table>
      <p>
        Begun at ${toClock(startedAt)}, took ${Math.round(tookMs / 1000)} s.
        <a href="/api/experiments/${encodeURIComponent(name)}/report.html">The page to keep</a>, with every second;
        <a href="/api/experiments/${encodeURIComponent(name)}">all numbers as JSON</a>. Again:
        <code>npm run experiment -- ${name}</code>
      </p>
    </details>
  </div>`;
}
