/**
 * Kills the process at a named point, for the tests that no crash loses a document. It needs LAB=1.
 *
 * `FAILPOINT=after-insert:3` kills with SIGKILL when the third document passes that point.
 */

/** The points, in the sequence in which a document passes them; the answer is sent before or after it is final. */
export const failpoints = [
  'before-insert',
  'after-insert',
  'before-forward',
  'after-forward',
  'answered',
  'before-finalize',
  'after-finalize',
  'before-reply',
  'relay-claimed',
] as const;

/** Creates the function to call at every point; `kill` ends the process. */
export function createFailpoint(setting: string, kill: () => void): (point: string) => void {
  const [name, hit = '1'] = setting.split(':');
  let left = Number(hit);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) kill();
  };
}
