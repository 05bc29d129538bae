/** Session storage: the token, the tour, and whether single keys are on. It lasts as long as the tab. */

const names = { token: 'lab.token', tour: 'lab.tour', shortcuts: 'lab.shortcuts' } as const;

/** A stored name. */
export type Remembered = keyof typeof names;

/** Reads a stored value; `undefined` when there is none, or no JSON. */
export function recall(name: Remembered): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(names[name]) ?? 'null') ?? undefined;
  } catch {
    return undefined; // not JSON, or no storage: the defaults are used
  }
}

/** Stores a JSON value. */
export function remember(name: Remembered, value: unknown): void {
  try {
    sessionStorage.setItem(names[name], JSON.stringify(value));
  } catch {
    // Without storage the page works, and a reload starts with the defaults.
  }
}
