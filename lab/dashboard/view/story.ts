/** The story of one order: its result, everything on one axis of time, and the same as a list. */
import { html, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { Actions } from '../browser/actions.ts';
import { toShortHost } from '../model/chain.ts';
import { toExactClock, toOffset } from '../model/format.ts';
import { type Story, toStory } from '../model/story.ts';
import { toStretches } from '../model/story-background.ts';
import type { Row, RowKind, Tone } from '../model/story-rows.ts';
import type { View } from '../model/view.ts';
import { button } from './button.ts';
import { type IconName, icon } from './icons.ts';
import { storyAxis } from './story-axis.ts';

/** Draws the content of the dialog for the order that was asked for. */
export function story(view: View, order: string, actions: Actions): TemplateResult {
  const told = view.page.story?.order === order ? view.page.story : null;
  const shown = told?.story == null ? null : toStory(told.story, view.now);
  return html`<div class="story">
    <header>
      <h2 id="dialog-title">Order <span class="mono">${shown?.id ?? order}</span></h2>
      ${shown === null ? null : result(shown)}
      <div class="handles">
        ${button({ text: 'Copy link', look: 'small', act: actions.copyLink })}
        ${button({ text: 'Close', key: 'Esc', look: 'small', act: actions.closeDialog })}
      </div>
    </header>
    ${told?.error == null ? null : html`<p class="notice" role="status">${told.error}</p>`}
    ${told === null ? html`<p class="muted" role="status">Asking the services.</p>` : null}
    ${shown === null || told?.story == null ? null : content(shown, toStretches(told.story.entries, shown.from, shown.to))}
  </div>`;
}

const resultIcons = { done: 'check', pending: 'dots', undone: 'back', failed: 'cross' } as const;

function result({ kind, headline }: Story): TemplateResult {
  return html`<p class="story-result" data-kind=${kind}>${icon(resultIcons[kind])}${headline}</p>`;
}

function content(shown: Story, stretches: ReturnType<typeof toStretches>): TemplateResult {
  const instances = [...new Set(shown.rows.flatMap(({ instance }) => instance ?? []))];
  return html`
    ${storyAxis(shown, stretches)}
    ${shown.notes.map((note) => html`<p class="muted small">${note}</p>`)}
    <ol class="story-rows" aria-label="What happened, the oldest first">
      ${repeat(
        shown.rows,
        ({ key }) => key,
        (row) => line(row, shown.from, instances),
      )}
    </ol>
  `;
}

function line(row: Row, from: number, instances: readonly string[]): TemplateResult {
  const { kind, at, service, instance, tone, text, detail } = row;
  const label = instance === null || instances.length < 2 ? '' : ` ${toShortHost(instance, instances)}`;
  return html`<li data-kind=${kind} data-tone=${tone}>
    <span class="when"><span>${toOffset(at - from)}</span> <time class="muted">${toExactClock(at)}</time></span>
    <span class="who">${service}<span class="muted">${label}</span></span>
    <span class="what">${icon(toIcon(kind, tone))}${text}${detail === null ? null : html`<span class="detail">${detail}</span>`}</span>
  </li>`;
}

const kindIcons: Readonly<Partial<Record<RowKind, IconName>>> = {
  came: 'send',
  kept: 'disc',
  charge: 'dash',
  lease: 'hand',
  unsent: 'barred',
  wait: 'clock',
};

const toneIcons: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  bad: 'cross',
  wait: 'dots',
  undone: 'back',
  quiet: 'dash',
};

function toIcon(kind: RowKind, tone: Tone): IconName {
  if (kind === 'meanwhile') return 'breaker';
  return kindIcons[kind] ?? toneIcons[tone];
}
