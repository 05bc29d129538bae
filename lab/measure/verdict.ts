/** What a command that judges says, and the exit code that tells a script the same. */

/** `better`: also a hypothesis that held; `worse`: also one that is broken. */
export type Verdict = 'better' | 'worse' | 'inconclusive';

/** The exit codes of `npm run tune`, `experiment` and `metastable`. */
export const exitCodes = { better: 0, worse: 1, inconclusive: 2, couldNotRun: 3 } as const satisfies Record<
  Verdict | 'couldNotRun',
  number
>;

/** Ends such a command after its arguments were read: 0 after the help, 3 after a bad call, where 2 says something else. */
export function endAfterArguments(code: number): never {
  return process.exit(code === 0 ? 0 : exitCodes.couldNotRun);
}
