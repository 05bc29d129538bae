/** A button that shows why it is disabled. It stays focusable, so that the reason can be read. */
import { html, type TemplateResult } from 'lit-html';
import { ifDefined } from 'lit-html/directives/if-defined.js';
import type { View } from '../model/view.ts';
import { type IconName, icon } from './icons.ts';

/** The options of a button. */
export interface ButtonOptions {
  readonly text: string | TemplateResult;
  readonly act: () => unknown;
  readonly icon?: IconName;
  /** The shortcut that does the same, shown on the button. */
  readonly key?: string;
  /** Why it cannot be pressed; `null` when it can. */
  readonly off?: string | null;
  /** Whether it is held down; only for buttons that stay so. */
  readonly pressed?: boolean;
  readonly look?: 'plain' | 'main' | 'small' | 'quiet';
  /** The name for screen readers, where the text alone is not clear; it begins with the text. */
  readonly label?: string;
  /** Called when it is pressed although it is off. */
  readonly refuse?: (why: string) => void;
}

/** Draws a button. */
export function button(parts: ButtonOptions): TemplateResult {
  const { text, act, key, off = null, pressed, look = 'plain', label, refuse } = parts;
  return html`<button
    type="button"
    class="button ${look}"
    title=${ifDefined(off ?? undefined)}
    aria-label=${ifDefined(label)}
    aria-disabled=${ifDefined(off === null ? undefined : 'true')}
    aria-pressed=${ifDefined(pressed === undefined ? undefined : String(pressed))}
    @click=${() => (off === null ? act() : refuse?.(off))}
  >
    ${parts.icon === undefined ? null : icon(parts.icon)}<span>${text}</span>${
      key === undefined ? null : html`<kbd aria-hidden="true">${key}</kbd>`
    }
  </button>`;
}

/** Why nothing can be changed now; `null` when it can. */
export function whyOff({ stale, lastDataAt }: View): string | null {
  if (!stale) return null;
  return lastDataAt === null ? 'Waiting for the lab.' : 'The lab cannot be reached. Reconnecting.';
}
