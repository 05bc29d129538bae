/**
 * `npm run scale`: what an order costs when much is kept and when the chain is long, the memory with many connections, and
 * a soak. Each part prints its table when it has ended. The options are in settings.ts.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { readArguments } from '../../shared/src/core/command-line.ts';
import { announce, complain } from '../../shared/src/observability/log.ts';
import { openDatabase } from '../bench/database.ts';
import { toMachineLoad } from '../measure/machine-load.ts';
import { measureConnections } from './connections.ts';
import { measureHops } from './hops.ts';
import { measureKept } from './kept.ts';
import type { PartOptions, PartResult } from './part.ts';
import { parseScaleSettings, type partNames, scaleCommand } from './settings.ts';
import { measureSoak } from './soak.ts';

const parts: Readonly<Record<(typeof partNames)[number], (options: PartOptions) => Promise<PartResult>>> = {
  kept: measureKept,
  hops: measureHops,
  connections: measureConnections,
  soak: measureSoak,
};

const settings = readArguments(scaleCommand, parseScaleSettings, { announce, complain });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
announce(`${availableParallelism()} cores, Node ${process.version}; the database is the embedded one.`);
const results: Record<string, object> = {};
for (const part of settings.parts) {
  const before = toMachineLoad();
  const database = await openDatabase(undefined);
  const say = (step: string) => complain(`${part}: ${step}`);
  const { title, text, measured } = await parts[part]({ settings, database, say });
  await database.stop();
  const load = { before, after: toMachineLoad() };
  results[part] = { load, measured };
  announce(
    `\n### ${title}\n\nLoad average of the machine: ${load.before} at the start, ${load.after} at the end.\n\n${text}`,
  );
}
if (settings.json !== undefined) {
  await writeFile(settings.json, `${JSON.stringify({ settings, results }, undefined, 2)}\n`);
}
