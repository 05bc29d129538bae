/**
 * Says how far a run is: on a terminal one line that is replaced, elsewhere a line now and then, so that a log stays short.
 */
import type { WriteStream } from 'node:tty';

/** Where progress is written. */
export type ProgressOutput = Pick<NodeJS.WriteStream, 'write'> &
  Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/** Progress of one run. */
export interface Progress {
  /** Says where the run is now; most calls are silent where no terminal is. */
  say(text: string): void;
  /** Leaves a clean line behind. */
  end(): void;
}

/** Silence between two lines where no terminal is. */
export const quietMs = 15_000;

/** Creates the progress of a run. */
export function createProgress(
  output: ProgressOutput = process.stderr,
  clock: () => number = () => performance.now(),
): Progress {
  let saidAt = clock();
  let isOpen = false;
  return {
    say(text) {
      if (output.isTTY) {
        output.write(`\r\x1b[2K${text.slice(0, Math.max(1, (output.columns ?? 80) - 1))}`);
        isOpen = true;
      } else if (clock() - saidAt >= quietMs) {
        saidAt = clock();
        output.write(`${text}\n`);
      }
    },
    end() {
      if (isOpen) output.write('\r\x1b[2K');
      isOpen = false;
    },
  };
}
