/**
 * "With and without": what is compared, the button, and the charts of both chains as small multiples: one row for each
 * measure, one column for each chain, the fault shaded.
 */
import { html, svg, type TemplateResult } from 'lit-html';
import {
  type ArmReport,
  type ComparisonReport,
  type ComparisonStatus,
  comparisonRanges,
  subjectWords,
} from '../../server/comparison.ts';
import type { Actions } from '../browser/actions.ts';
import {
  type Panel,
  type PanelLine,
  type PanelRow,
  toAuditWords,
  toFaultWord,
  toPanelRows,
  toProgress,
  toSpan,
  toStateSpans,
} from '../model/comparison.ts';
import { stateWords } from '../model/state-words.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { icon } from './icons.ts';

const faults = {
  slow: 'slow: twice the attempt timeout',
  down: 'down: 503 at once',
  flaky: 'flaky: 503 for 60%',
  hang: 'hangs: no answer',
} as const;

/** Height of a chart in its own units; the width is one unit for each second. */
const height = 100;

/** Draws the section. */
export function comparison(view: View, actions: Actions): TemplateResult {
  const { status } = view.page.comparison;
  const isRunning = status?.state === 'running';
  return html`
    <div class="compare-head">
      <h2 id="comparison">With and without</h2>
      <p class="muted small">
        The same orders and the same fault reach two chains side by side, one with and one without
        ${subjectWords[view.page.comparison.choice.what]}. They are started for this; the chain above is not touched.
      </p>
    </div>
    ${controls(view, actions, isRunning)} ${outcome(status)}
    ${status?.report == null || status.report.phase === 'starting' ? null : charts(status.report)}
    <p class="muted small compare-cost">
      It costs two databases, every service twice, and up to 1 GB of memory for half a minute; they end with it, and their
      documents are removed.
    </p>
  `;
}

function controls(view: View, actions: Actions, isRunning: boolean): TemplateResult {
  const { status, choice } = view.page.comparison;
  const off = whyOff(view) ?? status?.unavailable ?? null;
  const refuse = actions.say;
  return html`
    <div class="compare-controls">
      ${chooser('what', 'Compare', subjectWords, choice.what, (what) => actions.chooseComparison({ what }))}
      ${chooser('fault', `while ${toBroken(view)} is`, faults, choice.fault, (fault) => actions.chooseComparison({ fault }))}
      ${amount('ratePerSecond', 'orders/s', choice.ratePerSecond, actions)}
      ${amount('seconds', 'seconds', choice.seconds, actions)}
      ${
        isRunning
          ? button({
              text: 'Cancel',
              icon: 'stop',
              act: actions.cancelComparison,
              off: whyOff(view),
              refuse,
              label: 'Cancel the comparison',
            })
          : button({
              text: 'With and without',
              icon: 'play',
              look: 'main',
              act: actions.compare,
              off,
              refuse,
            })
      }
    </div>
    ${status?.unavailable == null ? null : html`<p class="notice">${icon('warning')}${status.unavailable}</p>`}
  `;
}

/** The service that the fault is for: the last one, or for a retry budget the one that the front door calls. */
function toBroken({ groups, page }: View): string {
  const broken = page.comparison.choice.what === 'breaker' ? groups.at(-1) : groups[1];
  return broken?.name ?? 'a service';
}

function chooser<T extends string>(
  name: string,
  label: string,
  words: Readonly<Record<T, string>>,
  chosen: T,
  choose: (value: T) => void,
): TemplateResult {
  return html`<label class="choice" for="compare-${name}">
    <span>${label}</span>
    <select id="compare-${name}" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value as T)}>
      ${(Object.keys(words) as T[]).map((value) => html`<option value=${value} ?selected=${value === chosen}>${words[value]}</option>`)}
    </select>
  </label>`;
}

function amount(
  name: 'ratePerSecond' | 'seconds',
  label: string,
  value: number,
  actions: Actions,
): TemplateResult {
  const { min, max } = comparisonRanges[name];
  // The page is drawn four times a second: what is being typed is taken at once, and never put back meanwhile.
  const take = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    if (input.checkValidity() && input.value !== '')
      actions.chooseComparison({ [name]: input.valueAsNumber });
  };
  const judge = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    if (input.checkValidity() && input.value !== '') return;
    actions.say(
      `${name === 'seconds' ? 'Seconds' : 'Orders per second'} must be a whole number from ${min} to ${max}.`,
    );
    input.value = String(value);
  };
  return html`<label class="rate" for="compare-${name}">
    <input id="compare-${name}" type="number" min=${min} max=${max} step="1" .value=${String(value)} @input=${take} @change=${judge} />
    <span>${label}</span>
  </label>`;
}

/** How far it is, or how it ended; the element always exists, so that the verdict is read out. */
function outcome(status: ComparisonStatus | null): TemplateResult {
  const report = status?.report ?? null;
  const isRunning = status?.state === 'running';
  const progress = toProgress(report);
  return html`
    ${
      isRunning
        ? html`<div class="compare-progress">
            <progress max="1" .value=${progress.ratio} aria-label="Comparison"></progress><span>${progress.text}</span>
          </div>`
        : null
    }
    <div class="compare-verdict" role="status" data-judgement=${report?.verdict?.judgement ?? 'none'}>
      ${
        report?.verdict != null
          ? html`<p>${report.verdict.sentence}</p>`
          : status?.state === 'failed' || status?.state === 'cancelled'
            ? html`<p class="notice">${icon('warning')}${status.state === 'failed' ? 'The comparison could not be run: ' : ''}${status.why}</p>`
            : null
      }
    </div>
  `;
}

function charts(report: ComparisonReport): TemplateResult {
  const span = toSpan(report);
  const [a, b] = report.arms;
  if (a === undefined || b === undefined) return html``;
  const thing = subjectWords[report.settings.what];
  const { fromMs, toMs } = report.outage;
  const fault = `${report.broken} is ${toFaultWord(report.settings.fault)} from second ${fromMs / 1000} to ${toMs / 1000}`;
  return html`
    <div class="multiples">
      <div class="multiples-corner small muted"><span class="shade-key" aria-hidden="true"></span>${fault}</div>
      ${armHead(`With ${thing}`, a, span, report)} ${armHead(`Without ${thing}`, b, span, report)}
      ${toPanelRows(report).map((row) => panelRow(row, report, span))}
      <div class="multiples-foot"></div>
      ${[a, b].map(() => timeAxis(span))}
      <div class="multiples-title"><h3>Lost</h3><p class="small muted">by the audit of each chain</p></div>
      ${[a, b].map((arm) => html`<p class="audit-words">${toAuditWords(arm)}</p>`)}
    </div>
  `;
}

/** The name of a chain, and the states of the breaker in front of the broken service. */
function armHead(title: string, arm: ArmReport, span: number, { broken }: ComparisonReport): TemplateResult {
  const spans = toStateSpans(arm.points);
  const last = spans.at(-1)?.state;
  return html`<div class="arm-head">
    <h3>${title}</h3>
    <span class="small muted">${last === undefined ? '' : `breaker → ${broken}: ${stateWords[last].toLowerCase()}`}</span>
    <svg class="arm-states" viewBox="0 0 ${span} 1" preserveAspectRatio="none" aria-hidden="true">
      ${spans.map(({ state, from, to }) => svg`<rect x=${from} y="0" width=${to - from} height="1" data-state=${state}><title>second ${from} to ${to}: ${stateWords[state]}</title></rect>`)}
    </svg>
  </div>`;
}

function panelRow(row: PanelRow, report: ComparisonReport, span: number): TemplateResult {
  return html`
    <div class="multiples-title">
      <h3>${row.title}</h3>
      <p class="small muted">${row.about}</p>
      ${row.name === 'latency' ? html`<p class="small" aria-hidden="true"><span class="legend line" data-kind="p50">p50</span> <span class="legend line" data-kind="p99">p99</span></p>` : null}
    </div>
    ${row.panels.map((panel) => chart(panel, row, report, span))}
  `;
}

function chart(
  panel: Panel,
  { name, top, topText, isQuiet }: PanelRow,
  report: ComparisonReport,
  span: number,
): TemplateResult {
  const { fromMs, toMs } = report.outage;
  return html`<figure class="multiple" data-measure=${name} data-quiet=${String(isQuiet)}>
    <figcaption><strong>${panel.figure}</strong> <span class="muted small">${panel.note}</span></figcaption>
    <span class="multiple-top small muted" aria-hidden="true">${topText}</span>
    <svg viewBox="0 0 ${span} ${height}" preserveAspectRatio="none" aria-hidden="true">
      <rect class="shade" x=${fromMs / 1000} y="0" width=${(toMs - fromMs) / 1000} height=${height} />
      ${panel.lines.map((one) => lineShape(one, top))}
      ${panel.hints.map((hint, second) => svg`<rect class="hint" x=${second} y="0" width="1" height=${height}><title>${hint}</title></rect>`)}
    </svg>
    <p class="visually-hidden">${panel.summary}</p>
  </figure>`;
}

function lineShape({ kind, look, values }: PanelLine, top: number): TemplateResult {
  const y = (value: number) => height - (Math.min(value, top) / top) * height;
  if (look === 'bars')
    return svg`${values.map((value, second) =>
      value === null || value === 0
        ? null
        : svg`<rect class="bar" data-kind=${kind} x=${second + 0.1} width="0.8" y=${y(value)} height=${height - y(value)} />`,
    )}`;
  const runs = toRuns(values).map((run) => run.map(({ at, value }) => `${at + 0.5},${y(value).toFixed(1)}`));
  return svg`
    ${look === 'area' ? runs.map((run) => svg`<polygon class="area" data-kind=${kind} points="${run[0]?.split(',')[0]},${height} ${run.join(' ')} ${run.at(-1)?.split(',')[0]},${height}" />`) : null}
    ${runs.map((run) => svg`<polyline class="line" data-kind=${kind} points=${run.join(' ')} />`)}
  `;
}

/** The values without gaps in one run each. */
function toRuns(values: readonly (number | null)[]): { at: number; value: number }[][] {
  const runs: { at: number; value: number }[][] = [];
  let isGap = true;
  for (const [at, value] of values.entries()) {
    if (value !== null && isGap) runs.push([]);
    if (value !== null) runs.at(-1)?.push({ at, value });
    isGap = value === null;
  }
  return runs;
}

/** Seconds under each column: the beginning, the end, and what is between at an even distance. */
function timeAxis(span: number): TemplateResult {
  const step = span <= 20 ? 5 : span <= 45 ? 10 : 20;
  const marks = Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
  return html`<svg class="time-axis" aria-hidden="true">
    ${marks.map((mark) => svg`<text x="${(mark / span) * 100}%" y="1em" text-anchor=${toAnchor(mark, span)}>${mark} s</text>`)}
  </svg>`;
}

/** The outer marks stay within the drawing. */
function toAnchor(mark: number, span: number): string {
  if (mark === 0) return 'start';
  return mark > 0.93 * span ? 'end' : 'middle';
}
