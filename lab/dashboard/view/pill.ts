/**
 * The state of a breaker as a pill: icon, word and colour.
 */
import { html, type TemplateResult } from 'lit-html';
import { type ShownState, stateWords } from '../model/state-words.ts';
import { icon, stateIcons } from './icons.ts';

/**
 * Draws a pill; `share` precedes the word where several breakers have one pill: `1 of 3`. It is a silent status: the
 * live region has the whole sentence.
 */
export function pill(state: ShownState, share = ''): TemplateResult {
  return html`<span class="pill" data-state=${state} role="status" aria-live="off">${icon(stateIcons[state])}${share === '' ? '' : `${share} `}${stateWords[state]}</span>`;
}
