/**
 * Ends the process itself at a named point, for the proof that no point is a bad one to die at.
 *
 * `FAILPOINT=after-insert:3` kills with SIGKILL when the third document passes that point.
 */

/** The points, as a document passes them one after the other. */
export const failpoints = [
  'before-insert',
  'after-insert',
  'before-forward',
  'after-forward',
  'before-finalize',
  'after-finalize',
  'before-reply',
  'relay-claimed',
] as const;

/** Creates the function that is called at every point; `die` ends the process. */
export function createFailpoint(setting: string, die: () => void): (point: string) => void {
  const [name, hit = '1'] = setting.split(':');
  let left = Number(hit);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) die();
  };
}
