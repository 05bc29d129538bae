/**
 * `npm start`: the database and the three services as real processes, ready to take an order.
 *
 * plan → ports → database → services → "ready"; at the end the services leave first, then the database, so that what
 * is under way can still be written down.
 */
import { SettingsError } from '../shared/src/config.ts';
import { announce, complain, createLog } from '../shared/src/telemetry/log.ts';
import { type KeptPart, keepRunning } from './start/keep-running.ts';
import { type Part, type Plan, readPlan } from './start/plan.ts';
import { findTakenPorts } from './start/ports.ts';
import { onStop } from './start/stop-signals.ts';
import { toReadyLine, toWelcome } from './start/welcome.ts';

const plan = readPlanOrEnd();
const log = createLog(plan.log);
const groups = [plan.database === undefined ? [] : [plan.database], plan.services];

const taken = await findTakenPorts(groups.flat());
if (taken.length > 0) end(taken.join('\n'));

const running: KeptPart[][] = [];
let stopping = false;
onStop({ stop: () => void stop(0), kill });
for (const group of groups) await start(group);
if (!stopping) announce(process.stdout.isTTY ? toWelcome(plan, performance.now()) : toReadyLine(plan));

/** Starts parts together and waits until each is ready; one that never will be ends everything. */
async function start(group: readonly Part[]): Promise<void> {
  if (stopping) return;
  const kept = group.map((part) => keepRunning(part, log));
  running.push(kept);
  await Promise.all(
    kept.map(async ({ ready }) => {
      const fault = await ready;
      if (fault === undefined || stopping) return;
      complain(fault);
      await stop(1);
    }),
  );
}

/** Stops the latest group first, and within a group the front door first. Never comes back. */
async function stop(exitCode: number): Promise<void> {
  stopping = true;
  for (const group of running.toReversed()) for (const part of group) await part.stop();
  process.exit(exitCode);
}

function kill(): void {
  for (const part of running.flat()) part.kill();
  process.exit(1);
}

function readPlanOrEnd(): Plan {
  try {
    return readPlan();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return end(error.message);
  }
}

function end(why: string): never {
  complain(why);
  process.exit(1);
}
