/** Sets the winner at a running hop, after a yes, and says what was before and how to go back. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from '@holdfast/shared/core/command-options.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { applyPolicy, type RunningHop, toPatchCommand } from './running-chain.ts';
import { toValueWords } from './setting-words.ts';
import { type SearchedSetting, toDifferences } from './space.ts';

/** Answers a question with yes. */
export type Ask = (question: string) => Promise<boolean>;

/**
 * How `--apply` asks: not at all with `--yes`, else on the terminal.
 * @throws {UsageError} when there is no terminal.
 */
export function toAsk(isYes: boolean, hasTerminal = process.stdin.isTTY === true): Ask {
  if (isYes) return async () => true;
  if (!hasTerminal)
    throw new UsageError(
      '--apply asks before it changes anything, and there is no terminal to ask on: say --yes as well.',
    );
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
    } finally {
      terminal.close();
    }
  };
}

/** Asks and sets; gives the sentences to print. */
export async function applyWinner(
  running: RunningHop,
  winner: Policy,
  { space, ask }: { readonly space: readonly SearchedSetting[]; readonly ask: Ask },
): Promise<readonly string[]> {
  // What was asked for on the command line alone is no setting of the hop.
  const to = { ...winner, deadlineMs: running.policy.deadlineMs };
  const changes = toDifferences(space, to, running.policy).map(
    (setting) =>
      `${setting.path} ${toValueWords(setting, setting.get(running.policy))} → ${toValueWords(setting, setting.get(to))}`,
  );
  if (!(await ask(`Set at ${running.hop} (${running.url}): ${changes.join(', ')}?`)))
    return ['Nothing was set.'];
  const now = await applyPolicy(running, to);
  return [
    `Set at ${running.hop}, until the service restarts: ${changes.join(', ')}.`,
    `Back to what was before: ${toPatchCommand(running.url, now, running.policy)}`,
  ];
}
