/** The header: the state of the connection, and the main switches. */
import { html, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Actions } from '../browser/actions.ts';
import { toClock, toSeconds, toWholeSeconds } from '../model/format.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';
import { icon } from './icons.ts';

/** Orders a second that the lab takes. */
const rateRange = { min: 1, max: 200 } as const;

/** Draws the header. */
export function header(view: View, actions: Actions): TemplateResult {
  const off = whyOff(view);
  const front = view.groups[0]?.name ?? 'order';
  const traffic = view.lab.status?.traffic;
  const on = traffic?.on === true;
  const rate = view.page.rate ?? traffic?.ratePerSecond ?? 20;
  const refuse = actions.say;
  return html`
    <h1>${icon('breaker')}Holdfast lab</h1>
    ${badge(view)}
    <div class="controls">
      <div class="switch">
        ${button({
          text: on ? 'Stop traffic' : 'Start traffic',
          icon: on ? 'stop' : 'play',
          key: 'T',
          act: actions.toggleTraffic,
          off,
          refuse,
        })}
        <label class="rate">
          <span class="visually-hidden">Orders per second</span>
          <input
            type="number"
            min=${rateRange.min}
            max=${rateRange.max}
            step="1"
            .value=${live(String(rate))}
            @change=${(event: Event) => {
              const input = event.target as HTMLInputElement;
              if (input.checkValidity() && input.value !== '') actions.setRate(input.valueAsNumber);
              else
                actions.say(
                  `Orders per second must be a whole number from ${rateRange.min} to ${rateRange.max}.`,
                );
            }}
          />
          <span aria-hidden="true">/s</span>
        </label>
        ${
          on && traffic.stopsAt !== null && !view.stale
            ? html`<span class="muted">stops in ${toStop(traffic.stopsAt - view.now)}</span>`
            : null
        }
      </div>
      ${button({ text: 'Send one order', icon: 'send', key: 'O', act: actions.sendOrder, off, refuse })}
      ${button({
        text: view.frozen ? 'Go on' : 'Pause',
        icon: view.frozen ? 'play' : 'pause',
        key: 'Space',
        act: actions.togglePause,
      })}
      ${button({ text: 'Reset all', icon: 'reset', key: 'R', act: actions.reset, off, refuse })}
    </div>
    <nav aria-label="More">
      <a href="/services/${front}/docs/">API docs</a>
      <a href="/services/${front}/metrics">Metrics</a>
      <button type="button" class="link" @click=${actions.openKeys}>Keys <kbd aria-hidden="true">?</kbd></button>
    </nav>
  `;
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
