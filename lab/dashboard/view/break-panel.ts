/**
 * The fault panel: presets for the chosen service, two sliders for it, and the active faults with their time left.
 */

import type { FaultView } from '@holdfast/shared/faults/fault-events.ts';
import { toPercent } from '@holdfast/shared/resilience/breaker-words.ts';
import { html, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Actions } from '../browser/actions.ts';
import { type Group, toGuard, toInstanceLabel } from '../model/chain.ts';
import {
  presets,
  presetTtlMs,
  type Sliders,
  toFaults,
  toHostPort,
  toLeftMs,
  toPlacedFaults,
  toPresetWords,
  toScope,
  toShortFault,
  toSliders,
  toSlowMs,
} from '../model/faults.ts';
import { toWholeSeconds } from '../model/format.ts';
import { hasTraffic, toTarget, type View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { icon } from './icons.ts';

/** Draws the panel. */
export function breakPanel(view: View, actions: Actions): TemplateResult {
  const target = toTarget(view);
  if (target === undefined) return html`<p class="muted">Waiting for the lab.</p>`;
  const instance = toTargetInstance(view, target);
  const scope = toScope(target, instance);
  const slowMs = toSlowMs(toGuard(view.groups, target.name)?.report.config.attemptTimeoutMs);
  return html`
    <div class="choice">
      <label for="target">Service</label>
      <select id="target" @change=${(event: Event) => actions.chooseTarget((event.target as HTMLSelectElement).value)}>
        ${view.groups.map(({ name }) => html`<option value=${name} .selected=${live(name === target.name)}>${name}</option>`)}
      </select>
      ${instanceChoice(target, instance, actions)}
      <span class="muted">${toWholeSeconds(presetTtlMs)} each</span>
    </div>
    <div class="presets" role="group" aria-label="Presets for ${target.name}">
      ${presets.map((preset, index) =>
        button({
          text: toPresetWords(preset, target.name, slowMs),
          key: String(index + 1),
          act: () => actions.breakWith(preset, target.name, instance),
          off: whyOff(view) ?? whyAway(scope),
          refuse: actions.say,
        }),
      )}
    </div>
    ${broken(view, actions)} ${withoutTraffic(view, actions)}
    ${sliders(view, target, actions)}
  `;
}

/** Which of several instances to break; nothing to choose with one. */
function instanceChoice(group: Group, chosen: string | null, actions: Actions): TemplateResult | null {
  if (group.instances.length < 2) return null;
  return html`<select
    aria-label="Instance of ${group.name}"
    @change=${(event: Event) => actions.chooseTarget(group.name, (event.target as HTMLSelectElement).value || null)}
  >
    <option value="" .selected=${live(chosen === null)}>all ${group.instances.length} instances</option>
    ${group.instances.map((service) => {
      const host = toHostPort(service.url);
      return html`<option value=${host} .selected=${live(host === chosen)}>only ${toInstanceLabel(group, service)}</option>`;
    })}
  </select>`;
}

/** The chosen instance of the group that presets break; `null` is all, also when it is gone. */
function toTargetInstance(view: View, { name, instances }: Group): string | null {
  const { targetInstance } = view.page;
  const isHere =
    toTarget(view)?.name === name && instances.some(({ url }) => toHostPort(url) === targetInstance);
  return isHere ? targetInstance : null;
}

/** The active faults, with their time left and a button to end them. */
function broken(view: View, actions: Actions): TemplateResult | null {
  const all = view.groups.flatMap((group) =>
    toPlacedFaults(group).map((placed) => ({ service: group.name, ...placed })),
  );
  if (all.length === 0) return null;
  return html`
    <h3>Broken now</h3>
    <ul class="broken">
      ${all.map(
        ({ service, fault, instance, label }) => html`<li>
          <span class="fault">${icon('warning')}${toPlace(service, label)}: ${toShortFault(fault)}</span>
          <span class="muted">${toLeft(view, fault)} · ${fault.hits} of ${fault.seen} hit</span>
          ${button({
            text: 'Stop now',
            label: `Stop now: ${fault.name} in ${toPlace(service, label)}`,
            look: 'small',
            act: () => actions.stopFault(service, fault.name, instance),
            off: whyOff(view),
            refuse: actions.say,
          })}
        </li>`,
      )}
    </ul>
    ${all.length > 1 ? button({ text: 'Stop every fault', key: 'H', act: actions.heal, off: whyOff(view), refuse: actions.say }) : null}
  `;
}

/** A fault that nothing meets looks like a page that does not work. */
function withoutTraffic(view: View, actions: Actions): TemplateResult | null {
  const isBroken = view.groups.some((group) => toFaults(group).length > 0);
  if (view.stale || !isBroken || hasTraffic(view)) return null;
  return html`<p class="notice">
    No traffic: nothing will fail until orders arrive.
    ${button({ text: 'Let orders arrive', look: 'small', icon: 'play', act: actions.toggleTraffic, off: whyOff(view), refuse: actions.say })}
  </p>`;
}

function sliders(view: View, group: Group, actions: Actions): TemplateResult {
  const { name } = group;
  const instance = toTargetInstance(view, group);
  const scope = toScope(group, instance);
  const place = toPlace(
    name,
    instance && scope.instances[0] ? toInstanceLabel(group, scope.instances[0]) : null,
  );
  const faults = toFaults(scope);
  const running = toSliders(faults);
  const draft = view.page.sliders[name];
  const shown = draft ?? running;
  const isRunning = running.errorRatio > 0 || running.delayMs > 0;
  const fault = faults.find(({ type }) => type === 'error' || type === 'latency');
  const off = whyOff(view) ?? whyAway(scope);
  const refuse = actions.say;
  const slide = (change: Partial<Sliders>) => actions.slide(name, { ...shown, ...change });
  const slowest = Math.max(5_000, shown.delayMs);
  return html`<fieldset>
    <legend>${place}</legend>
    <label class="slider">
      <span>Errors</span>
      <input type="range" min="0" max="100" step="5" .value=${live(String(Math.round(shown.errorRatio * 100)))}
        aria-valuetext=${toPercent(shown.errorRatio)}
        @input=${(event: Event) => slide({ errorRatio: (event.target as HTMLInputElement).valueAsNumber / 100 })} />
      <output>${toPercent(shown.errorRatio)}</output>
    </label>
    <label class="slider">
      <span>Delay</span>
      <input type="range" min="0" max=${slowest} step="50" .value=${live(String(shown.delayMs))}
        aria-valuetext="${shown.delayMs} ms"
        @input=${(event: Event) => slide({ delayMs: (event.target as HTMLInputElement).valueAsNumber })} />
      <output>${shown.delayMs} ms</output>
    </label>
    ${
      isRunning && fault !== undefined
        ? html`<p class="setting"><span>${fault.type === 'error' ? 'Status' : 'Share'}</span><strong>${fault.type === 'error' ? fault.status : toPercent(fault.rate)}</strong></p>
            <p class="setting"><span>For</span><strong>${toLeft(view, fault)}</strong></p>`
        : null
    }
    <div class="handles">
      ${button({
        text: isRunning ? 'Update' : 'Start',
        label: `${isRunning ? 'Update' : 'Start'} faults in ${place}`,
        act: () => actions.applySliders(name, shown, instance),
        off: off ?? toIdle(shown, draft, isRunning),
        refuse,
      })}
      ${
        faults.length > 0
          ? button({
              text: 'Stop now',
              label: `Stop now: every fault in ${place}`,
              act: () => actions.stopFaultsOf(name, instance),
              off: whyOff(view),
              refuse,
            })
          : null
      }
      ${button({ text: 'More…', label: `More… faults for ${place}`, look: 'quiet', act: () => actions.openFaultForm(name, instance), off, refuse })}
    </div>
  </fieldset>`;
}

/** A service, or one instance of it: `payment :3020`. */
function toPlace(service: string, label: string | null): string {
  return label === null ? service : `${service} ${label}`;
}

function toIdle(
  { errorRatio, delayMs }: Sliders,
  draft: Sliders | undefined,
  isRunning: boolean,
): string | null {
  if (isRunning) return draft === undefined ? 'Move a slider first.' : null;
  return errorRatio === 0 && delayMs === 0 ? 'Move a slider first.' : null;
}

function toLeft(view: View, fault: FaultView): string {
  const left = toLeftMs(fault, view.now);
  return left === null ? 'until its process ends' : `${toWholeSeconds(left)} left`;
}

function whyAway({ name, instances }: Group): string | null {
  return instances.some(({ connected }) => connected) ? null : `${name} is away.`;
}
