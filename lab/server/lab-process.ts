/**
 * A process that the lab starts to measure something: one at a time, one message as JSON in each line of its stdout.
 *
 * It starts the processes that it measures and ends them, and it ends itself when the lab is gone.
 */
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { type Child, startChild } from '../processes/child.ts';

/** What is heard of a running one. */
export interface LabProcessEvents<M> {
  onMessage(message: M): void;
  /** It has ended, in whatever way; `how` is a sentence with its last complaint. */
  onEnd(how: string): void;
  /** It needs longer than it may. */
  onLate?(): void;
}

/** The process. */
export interface LabProcess<M> {
  readonly isRunning: boolean;
  /** Starts it; the one before has ended. */
  start(args: readonly string[], events: LabProcessEvents<M>): void;
  /** Asks it to leave, if it runs; resolves when it and its processes are gone. */
  leave(): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Time for its processes and folders. */
const graceMs = 5000;

/** Creates it; nothing runs yet. */
export function createLabProcess<M>(
  script: string,
  { longestMs }: { readonly longestMs: number },
): LabProcess<M> {
  let running: Child | undefined;
  return {
    get isRunning() {
      return running !== undefined;
    },
    start(args, { onMessage, onEnd, onLate }) {
      const child = startChild({
        command: process.execPath,
        args: [script, ...args],
        cwd: root,
        env: environmentWith({}),
        // It ends its own processes and removes their folders.
        lastSignal: 'SIGTERM',
        onLine(line) {
          const message = parseMessage<M>(line);
          if (message !== undefined) onMessage(message);
        },
      });
      running = child;
      const late = setTimeout(() => onLate?.(), longestMs);
      void child.ended.then((how) => {
        clearTimeout(late);
        running = undefined;
        onEnd(`Its process ended with ${how}. ${child.stderr.at(-1) ?? ''}`.trim());
      });
    },
    leave: () => running?.leave(graceMs) ?? Promise.resolve(),
  };
}

/** A line that is no message is a word of something that the process runs, and is left out. */
function parseMessage<M>(line: string): M | undefined {
  try {
    return JSON.parse(line) as M;
  } catch {
    return undefined;
  }
}
