/**
 * The colours of the present theme, for canvases, which CSS cannot style. They are the variables of css/base.css; the
 * browser's preference for light or dark decides which.
 */

/** The variables that canvases draw with. */
export type ThemeColour =
  | 'panel'
  | 'line'
  | 'line-strong'
  | 'text'
  | 'muted'
  | 'closed'
  | 'open'
  | 'half-open'
  | 'half-open-fill'
  | 'forced'
  | 'bypassed'
  | 'rejected'
  | 'no-data';

const preference = matchMedia('(prefers-color-scheme: light)');
const known = new Map<ThemeColour, string>();

/** A colour of the present theme: `colour('open')`. Cheap, so a canvas may ask each time it draws. */
export function colour(name: ThemeColour): string {
  const found =
    known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  known.set(name, found);
  return found;
}

/** Calls `redraw` whenever the theme has changed, after which `colour` answers anew. */
export function onThemeChange(redraw: () => void): void {
  preference.addEventListener('change', redraw);
}

preference.addEventListener('change', () => known.clear());
