/**
 * Listens for single keys outside form fields. model/shortcuts.ts defines them.
 *
 * Space on a focused button presses it, as everywhere. A button that was pressed with a pointer gives the focus back, so
 * that Space pauses the view afterwards; who works with the keyboard keeps the focus where it is.
 */
import { type Shortcut, toShortcut } from '../model/shortcuts.ts';

const fields = 'input, select, textarea, [contenteditable]';
const controls = 'button, a[href], summary, [role="button"]';

/** Calls `act` for every shortcut, while `isOn()`. */
export function listenToKeys(isOn: () => boolean, act: (shortcut: Shortcut) => void): void {
  document.addEventListener('keydown', (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
    const shortcut = toShortcut({
      key: event.key,
      ctrlKey: event.ctrlKey,
      altKey: event.altKey,
      metaKey: event.metaKey,
      repeat: event.repeat,
      inField: at?.closest(fields) != null,
      onControl: at?.closest(controls) != null,
    });
    // The list of keys stays reachable when single keys are off: there they are switched on again.
    if (shortcut === undefined || (!isOn() && shortcut !== 'keys')) return;
    event.preventDefault();
    act(shortcut);
  });
  document.addEventListener('click', ({ target, detail }) => {
    // A click by key, or by a tool that speaks for one, has a detail of 0.
    const pressed = detail > 0 && target instanceof Element ? target.closest<HTMLElement>('button') : null;
    if (pressed?.closest('dialog') === null) pressed.blur();
  });
}
