/** Recordings: a button for the chosen hop, and what was recorded, to download. */
import { html, type TemplateResult } from 'lit-html';
import type { RecordingView } from '../../server/recordings.ts';
import type { Actions } from '../browser/actions.ts';
import { toClock, toCount, toTitle } from '../model/format.ts';
import type { View } from '../model/view.ts';
import { button, whyOff } from './button.ts';

/** How long the button records. */
const seconds = 60;

/** Draws the part; nothing where the lab records nothing. */
export function recordings(view: View, actions: Actions, hop: string): TemplateResult | null {
  const all = view.page.laboratory.recordings;
  if (all === null) return null;
  const isRecorded = all.some((one) => one.hop === hop && one.state === 'recording');
  return html`<section class="lab-part" aria-labelledby="laboratory-recordings">
    <h3 id="laboratory-recordings">Recordings</h3>
    <p class="muted">Every single call of a hop as a file, for <code>npm run tune -- --trace FILE</code>: what really happened in place of a fault that was thought up.</p>
    <div class="lab-controls">
      ${button({
        text: `Record ${toTitle(hop)}`,
        act: () => actions.startRecording(hop, seconds),
        off: whyOff(view) ?? (isRecorded ? 'This hop is being recorded already.' : null),
        refuse: actions.say,
      })}
      <span class="muted small">for ${seconds} s</span>
    </div>
    <ul class="recordings">${all.map((one) => recording(view, one, actions))}</ul>
  </section>`;
}

function recording(view: View, one: RecordingView, actions: Actions): TemplateResult {
  const { id, hop, state, startedAt, calls, dropped } = one;
  const isRunning = state === 'recording';
  const name = `the recording of ${toTitle(hop)} from ${toClock(startedAt)}`;
  return html`<li>
    <span>${toTitle(hop)}, ${toClock(startedAt)}: ${toCount(calls, 'call')}${dropped > 0 ? `, ${dropped} not kept` : ''}${isRunning ? ', recording…' : ''}</span>
    ${calls === 0 ? null : html`<a href="/api/recordings/${id}.jsonl" download aria-label="Download ${name}">Download</a>`}
    ${button({
      ...{ text: isRunning ? 'End' : 'Remove', look: 'small', act: () => actions.endRecording(id) },
      ...{ off: whyOff(view), refuse: actions.say, label: `${isRunning ? 'End' : 'Remove'} ${name}` },
    })}
  </li>`;
}
