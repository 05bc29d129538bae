/**
 * The state of a breaker as a pill: icon, word and colour.
 */
import { html, type TemplateResult } from 'lit-html';
import { type ShownState, stateWords } from '../model/state-words.ts';
import { icon, stateIcons } from './icons.ts';

/** Draws a pill. It is a status, but a silent one: the live region says the whole sentence once. */
export function pill(state: ShownState): TemplateResult {
  return html`<span class="pill" data-state=${state} role="status" aria-live="off">${icon(stateIcons[state])}${stateWords[state]}</span>`;
}
