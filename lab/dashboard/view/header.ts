/**
 * The header: what it is and whether it is live, the main switches, and the way to more.
 *
 * On narrow windows css/narrow.css puts the most used switches in a bar at the bottom of the window.
 */
import { html, type TemplateResult } from 'lit-html';
import type { Actions } from '../browser/actions.ts';
import { toFaults } from '../model/faults.ts';
import { toClock, toSeconds, toWholeSeconds } from '../model/format.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { smallChain } from './chain-strip.ts';
import { icon } from './icons.ts';

/** Orders a second that the lab takes. */
const rateRange = { min: 1, max: 200 } as const;

/** Draws the header. */
export function header(view: View, actions: Actions): TemplateResult {
  return html`
    <div class="lead">
      <h1>${icon('breaker')}Holdfast lab</h1>
      ${badge(view)} ${smallChain(view)}
    </div>
    <div class="controls">
      <div class="at-hand">${bar(view, actions)}</div>
      ${rate(view, actions)}
      ${button({
        text: view.frozen ? 'Go on' : 'Pause',
        icon: view.frozen ? 'play' : 'pause',
        key: 'Space',
        act: actions.togglePause,
      })}
      ${button({ text: 'Reset all', icon: 'reset', key: 'R', act: actions.reset, off: whyOff(view), refuse: actions.say })}
    </div>
    ${more(view, actions)}
  `;
}

/** The switches that a reader of a phone needs at hand; wide windows have the panel for the second and third. */
function bar(view: View, actions: Actions): TemplateResult {
  const off = whyOff(view);
  const refuse = actions.say;
  const on = view.lab.status?.traffic.on === true;
  const last = view.groups.at(-1)?.name ?? 'the last service';
  const isBroken = view.groups.some((group) => toFaults(group).length > 0);
  return html`
    ${button({
      text: on ? 'Stop traffic' : 'Start traffic',
      icon: on ? 'stop' : 'play',
      key: 'T',
      act: actions.toggleTraffic,
      off,
      refuse,
    })}
    <span class="narrow-only">${button({ text: 'Break', label: `Break ${last} for 60 s`, icon: 'warning', act: () => actions.press('break'), off, refuse })}</span>
    <span class="narrow-only">${button({ text: 'Heal', label: 'Heal: stop every fault', icon: 'check', act: actions.heal, off: off ?? (isBroken ? null : 'Nothing is broken.'), refuse })}</span>
    ${button({ text: 'Send one order', icon: 'send', key: 'O', act: actions.sendOrder, off, refuse })}
  `;
}

function rate(view: View, actions: Actions): TemplateResult {
  const traffic = view.lab.status?.traffic;
  const shown = String(view.page.rate ?? traffic?.ratePerSecond ?? 20);
  // The page is drawn four times a second: what is being typed is judged at its end, and never put back meanwhile.
  const take = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    if (input.checkValidity() && input.value !== '') actions.setRate(input.valueAsNumber);
    else {
      actions.say(`Orders per second: must be a whole number from ${rateRange.min} to ${rateRange.max}.`);
      input.value = shown;
    }
  };
  return html`<label class="rate">
      <span class="visually-hidden">Orders per second</span>
      <input
        type="number"
        min=${rateRange.min}
        max=${rateRange.max}
        step="1"
        .value=${shown}
        @change=${take}
      />
      <span aria-hidden="true">/s</span>
    </label>
    ${
      traffic?.on === true && traffic.stopsAt !== null && !view.stale
        ? html`<span class="muted small">stops in ${toStop(traffic.stopsAt - view.now)}</span>`
        : null
    }`;
}

function more(view: View, actions: Actions): TemplateResult {
  const front = view.groups[0]?.name ?? 'order';
  const isClosed = view.page.tour.isClosed === true;
  return html`<nav aria-label="More">
    <button type="button" class="link" aria-expanded=${String(!isClosed)} @click=${actions.toggleTour}>Tour</button>
    <button type="button" class="link" @click=${() => actions.openGlossary()}>Words <kbd aria-hidden="true">G</kbd></button>
    <button type="button" class="link" @click=${actions.openKeys}>Keys <kbd aria-hidden="true">?</kbd></button>
    <a href="/services/${front}/docs/">API</a>
    <a href="/services/${front}/metrics">Metrics</a>
    <a href="/api/report.html" download title="The last 30 minutes as one file: charts, events, settings">Save this run</a>
  </nav>`;
}

/** Whole minutes, for a time that is at most ten minutes away. */
function toStop(ms: number): string {
  return ms < 120_000 ? toWholeSeconds(ms) : `${Math.ceil(ms / 60_000)} min`;
}

function badge(view: View): TemplateResult {
  const { ageMs, stale, lastDataAt, frozen } = view;
  if (lastDataAt === null || ageMs === null) return html`<p class="badge" data-live="no">Connecting</p>`;
  if (stale) {
    return html`<p class="badge" data-live="no">${icon('warning')}<strong>Reconnecting</strong>, last data ${toClock(lastDataAt)}</p>`;
  }
  if (frozen) {
    return html`<p class="badge" data-live="frozen">${icon('pause')}<strong>Paused</strong> at ${toClock(view.now)}</p>`;
  }
  return html`<p class="badge" data-live="yes">${icon('disc')}<strong>Live</strong> · updated ${toSeconds(ageMs)} ago</p>`;
}
