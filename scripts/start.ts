/**
 * `npm start`: the database, the services and the lab as real processes, ready to take an order.
 *
 * arguments → plan → ports → database → services and lab → "ready"; at the end the lab stops first, then the services,
 * then the database, so that requests in progress can still be stored. The chain also runs without the lab.
 */
import { readArguments } from '../shared/src/core/command-line.ts';
import { isJsonAsked, SettingsError } from '../shared/src/core/config.ts';
import {
  announce,
  complain,
  createLog,
  speakJson,
  warnOfMisspelled,
} from '../shared/src/observability/log.ts';
import { parseReplicas, startCommand } from './start/arguments.ts';
import { createKeys } from './start/keys.ts';
import { knownSettings, type Plan, type PlannedProcess, readPlan } from './start/plan.ts';
import { findFreePorts, findTakenPorts } from './start/ports.ts';
import { onStop } from './start/stop-signals.ts';
import { type SupervisedProcess, supervise } from './start/supervise.ts';
import { onKeyPress } from './start/terminal.ts';
import { toReadyLine, toWelcome } from './start/welcome.ts';

const replicas = readArguments(startCommand, parseReplicas, { announce, complain });
if (isJsonAsked()) speakJson('start');
const plan = await orEnd(() => readPlan(replicas, findFreePorts));
const log = createLog(plan.log);
warnOfMisspelled(log, knownSettings());
const database = plan.database === undefined ? [] : [plan.database];
const lab = plan.lab === undefined ? [] : [plan.lab];

const taken = await findTakenPorts([...database, ...plan.services, ...lab], plan.portBase);
if (taken.length > 0) end(taken.join('\n'));

const running: SupervisedProcess[][] = [];
let stopping = false;
onStop({ stop: () => void stop(0), kill });
await start(database);
const [, isLabReady] = await Promise.all([start(plan.services), startLab()]);
if (!stopping) welcome(isLabReady ? plan : { ...plan, lab: undefined });

/** Starts processes together and waits until each is ready; if one fails, everything ends. */
async function start(group: readonly PlannedProcess[]): Promise<void> {
  if (stopping) return;
  const kept = group.map((part) => supervise(part, log));
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

/** Starts the lab, if there is one; its failure ends nothing else. */
async function startLab(): Promise<boolean> {
  const [kept] = lab.map((part) => supervise(part, log));
  if (kept === undefined) return false;
  running.push([kept]);
  const fault = await kept.ready;
  if (fault !== undefined && !stopping) complain(`${fault} The chain runs without its dashboard.`);
  return fault === undefined;
}

/** Prints that everything is ready: one line for a script, or a block and keys for a person. */
function welcome(ready: Plan): void {
  if (!process.stdout.isTTY || isJsonAsked()) {
    announce(toReadyLine(ready));
    return;
  }
  const keys = createKeys(ready, { print: announce, quit: () => process.kill(process.pid, 'SIGINT') });
  const words = onKeyPress(keys.press) ? keys.words : '';
  announce(toWelcome(ready, performance.now(), words));
}

/** Stops the latest group first, and within a group the front door first, all its instances. Never returns. */
async function stop(exitCode: number): Promise<void> {
  stopping = true;
  for (const group of running.toReversed()) {
    for (const alike of Map.groupBy(group, ({ kind }) => kind).values())
      await Promise.all(alike.map((part) => part.stop()));
  }
  process.exit(exitCode);
}

function kill(): void {
  for (const part of running.flat()) part.kill();
  process.exit(1);
}

async function orEnd<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return end(error.message);
  }
}

function end(why: string): never {
  complain(why);
  process.exit(1);
}
