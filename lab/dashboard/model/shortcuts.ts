/** The shortcuts of the page: their keys, their entries in the list under `?`, and their actions. */

/** An action of a key. */
export type Shortcut =
  | 'traffic'
  | 'order'
  | 'break'
  | 'pause'
  | 'reset'
  | 'down'
  | 'slow'
  | 'flaky'
  | 'drop'
  | 'heal'
  | 'words'
  | 'keys';

/** Every key with its description, in the sequence of the list. */
export const shortcuts: readonly {
  readonly key: string;
  readonly name: string;
  readonly does: Shortcut;
  readonly about: string;
}[] = [
  { key: 't', name: 'T', does: 'traffic', about: 'Start or stop traffic' },
  { key: 'o', name: 'O', does: 'order', about: 'Send one order' },
  { key: 'b', name: 'B', does: 'break', about: 'Break the last service for 60 s' },
  { key: '1', name: '1', does: 'down', about: 'Chosen service down' },
  { key: '2', name: '2', does: 'slow', about: 'Chosen service slow' },
  { key: '3', name: '3', does: 'flaky', about: 'Chosen service flaky' },
  { key: '4', name: '4', does: 'drop', about: 'Chosen service drops connections' },
  { key: 'h', name: 'H', does: 'heal', about: 'Stop every fault' },
  { key: ' ', name: 'Space', does: 'pause', about: 'Freeze the view, or go on' },
  {
    key: 'r',
    name: 'R',
    does: 'reset',
    about: 'Reset: traffic off, no faults, breakers closed, first settings',
  },
  { key: 'g', name: 'G', does: 'words', about: 'The glossary: what the words mean' },
  { key: '?', name: '?', does: 'keys', about: 'This list' },
];

/** A pressed key and the focus. */
export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  /** The focus is where people type or choose: an input, a list, a slider. */
  readonly inField: boolean;
  /** The focus is on a control that the space bar activates. */
  readonly onControl: boolean;
}

/** The action of a key; `undefined` where the key belongs to the browser, to a field or to a button. */
export function toShortcut(pressed: Pressed): Shortcut | undefined {
  const { key, ctrlKey, altKey, metaKey, repeat, inField, onControl } = pressed;
  if (ctrlKey || altKey || metaKey || repeat || inField) return undefined;
  if (key === ' ' && onControl) return undefined;
  return shortcuts.find((shortcut) => shortcut.key === key.toLowerCase())?.does;
}
