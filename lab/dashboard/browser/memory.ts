/**
 * What this tab remembers over a reload: the token, the tour, and whether single keys are on. Nothing leaves the tab.
 */

const names = { token: 'lab.token', tour: 'lab.tour', shortcuts: 'lab.shortcuts' } as const;

/** Names of what is remembered. */
export type Remembered = keyof typeof names;

/** Reads what is remembered; `undefined` when it is nothing, or no JSON. */
export function recall(name: Remembered): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(names[name]) ?? 'null') ?? undefined;
  } catch {
    return undefined; // a broken note, or a browser that keeps none: begin anew
  }
}

/** Remembers something that is JSON. */
export function remember(name: Remembered, value: unknown): void {
  try {
    sessionStorage.setItem(names[name], JSON.stringify(value));
  } catch {
    // A browser that keeps nothing: the page works, and a reload begins anew.
  }
}
