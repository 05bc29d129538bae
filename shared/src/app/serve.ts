/**
 * Runs one hop as a process: what the last line of a service's main.ts calls.
 */

import { giveBackIdleMemory } from '../core/idle-memory.ts';
import type { Body } from '../core/resource.ts';
import { ListenError, onStopSignal } from '../http/lifecycle.ts';
import { announce, complain } from '../observability/log.ts';
import { type RunOptions, runHop } from './run-hop.ts';

/** Runs one hop as a process: says when it is ready, and leaves at SIGTERM or SIGINT. */
export async function serve<B extends Body>(options: RunOptions<B>): Promise<void> {
  const { settings, telemetry } = options;
  const { log } = telemetry;
  const hop = await runHop(options).catch((error: unknown) => {
    complain(error instanceof ListenError ? error.message : String(error));
    process.exit(1);
  });
  let isStopping = false;
  onStopSignal(
    async (why) => {
      isStopping = true;
      log.info(`stopping: ${why}`);
      await hop.stop();
      log.info('stopped');
      process.exit(0);
    },
    { withParent: settings.EXIT_WITH_PARENT },
  );
  try {
    await hop.ready;
  } catch (error) {
    complain(`${settings.ID} cannot start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
  if (isStopping) return;
  giveBackIdleMemory();
  log.info(
    `listening on ${hop.url}, ${settings.CHAIN_SVC === '' ? 'the end of the chain' : `next is ${settings.CHAIN_SVC}`}`,
  );
  announce(`ready ${settings.ID}=${hop.url}`);
}
