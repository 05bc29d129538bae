/** Reasons for `npm start` to stop: Ctrl-C, SIGTERM, a closed terminal, or the end of npm. */
import { flag, readSettings, text } from '../../shared/src/core/config.ts';

/** What to do at the first request to stop, and at one that comes after it. */
export interface StopHandlers {
  readonly stop: () => void;
  readonly kill: () => void;
}

/** One Ctrl-C arrives twice, from the terminal and from npm; signals within this time count as one. */
const sameSignalMs = 500;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const settings = {
  npm_lifecycle_event: text('', { form: /.*/s, range: 'any text', about: 'Set by npm for what it runs.' }),
  EXIT_WITH_PARENT: flag(false, '1 stops everything when the process that started npm start is gone.'),
};

/** Listens for every reason to stop. */
export function onStop({ stop, kill }: StopHandlers): void {
  let firstAt: number | undefined;
  const ask = () => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop();
    } else if (performance.now() - firstAt > sameSignalMs) {
      kill();
    }
  };
  for (const signal of signals) process.on(signal, ask);

  const { npm_lifecycle_event, EXIT_WITH_PARENT } = readSettings(settings);
  if (npm_lifecycle_event === '' && !EXIT_WITH_PARENT) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    ask();
  }, 500).unref();
}
