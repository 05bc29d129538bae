/**
 * Asks the lab for tunes, trials, experiments and recordings: once when called, and every second while the laboratory is
 * unfolded and something runs in it.
 */
import type { RecordingView } from '../../server/recordings.ts';
import type { LaboratoryChange } from '../model/laboratory.ts';

const everyMs = 1000;

/** What is asked for, by its name in the state. */
const paths = {
  tunes: '/api/tunes',
  trial: '/api/trials/latest',
  experiments: '/api/experiments',
  recordings: '/api/recordings',
} as const;

/** Creates the function that begins to follow; `show` gets what was answered. */
export function createLaboratoryFollower({
  show,
  isFollowed,
}: {
  show: (change: LaboratoryChange) => void;
  /** Whether to ask again. */
  isFollowed: () => boolean;
}): () => Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;

  return async function follow() {
    clearTimeout(timer);
    const asked = Object.entries(paths).map(async ([name, path]) => [name, await ask(path)] as const);
    const answers = (await Promise.all(asked)).filter(([, answer]) => answer !== undefined);
    show(Object.fromEntries(answers.map(([name, answer]) => [name, toPart(name, answer)])));
    clearTimeout(timer);
    if (isFollowed()) timer = setTimeout(follow, everyMs);
  };
}

async function ask(path: string): Promise<unknown> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(5000) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** The list alone, where an answer is nothing but a list with its name. */
function toPart(name: string, answer: unknown): unknown {
  return name === 'recordings' ? (answer as { recordings: readonly RecordingView[] }).recordings : answer;
}
