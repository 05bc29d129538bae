/** Keeps one process running: one that ends after it was ready is started again, until it is stopped. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../shared/src/observability/log.ts';
import { type Child, startChild } from './child.ts';
import type { PlannedProcess } from './plan.ts';

/** A supervised process. */
export interface SupervisedProcess {
  /** Its script, which instances of one service share. */
  readonly kind: string;
  /** Resolves when it is ready for the first time, or to a sentence why it failed. */
  readonly ready: Promise<string | undefined>;
  stop(): Promise<void>;
  kill(): void;
}

const restartAfterMs = 1000;
const readyWithinMs = 60_000;
const saySlowAfterMs = 10_000;
/** Longer than the drain time of a service. */
const graceMs = 8000;

/** Starts a process and keeps it running. */
export function supervise(part: PlannedProcess, log: Log): SupervisedProcess {
  let stopping = false;
  let child = start();
  const slow = setTimeout(
    () => log.warn(`${part.name} is not ready after 10 s; still waiting`),
    saySlowAfterMs,
  );
  const ready = child.ready(readyWithinMs).then(async (isReady) => {
    clearTimeout(slow);
    if (isReady) {
      void startAgainWhenever();
      return undefined;
    }
    const late = wait(0, `had ${readyWithinMs / 1000} s and is not ready`);
    const how = await Promise.race([
      child.ended.then((end) => `ended with ${end} before it was ready`),
      late,
    ]);
    return `${part.name} ${how}; its last lines above say why.`;
  });

  return {
    kind: part.script,
    ready,
    async stop() {
      stopping = true;
      await child.stop(graceMs);
    },
    kill() {
      stopping = true;
      child.kill();
    },
  };

  function start(): Child {
    const started = startChild(part);
    log.info(
      { event: 'started', part: part.name, pid: started.pid },
      `${part.name} is process ${started.pid}`,
    );
    return started;
  }

  async function startAgainWhenever(): Promise<void> {
    for (;;) {
      const how = await child.ended;
      if (stopping) return;
      log.warn(
        { event: 'died', part: part.name, how },
        `${part.name} ended with ${how} and is started again in 1 s`,
      );
      await wait(restartAfterMs);
      if (stopping) return;
      child = start();
      const again = child;
      void again.ready(readyWithinMs).then((isReady) => {
        if (isReady)
          log.info({ event: 'ready', part: part.name, pid: again.pid }, `${part.name} is ready again`);
      });
    }
  }
}
