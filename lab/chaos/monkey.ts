/** Kills and pauses the processes of a chain at random, and starts them again. */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '@holdfast/shared/core/until.ts';
import { forEachService } from '../../chain.ts';
import type { Random } from '../measure/random.ts';
import { type ProcessName, processNames, type TestChain } from './chain.ts';
import type { ChainProcess } from './chain-process.ts';
import type { RunWatch } from './watch.ts';

/** What was killed and paused. */
export interface Disruptions {
  readonly kills: Readonly<Record<ProcessName, number>>;
  readonly pauses: Readonly<Record<ProcessName, number>>;
  /** Processes that ended on their own, each in a sentence. */
  readonly unexpectedExits: readonly string[];
}

/** A running monkey. */
export interface Monkey {
  readonly disruptions: Disruptions;
  /** Stops; resolves when every process runs again. */
  stop(): Promise<void>;
}

const gapMs = { min: 200, max: 2000 } as const;
/** The probability of another disruption while a process is down; with more, the chain would hardly work at all. */
const overlapRatio = 0.25;
const downMs = { min: 20, max: 500 } as const;

/** Starts disrupting a chain. */
export function startMonkey(
  { processes, leaseMs }: TestChain,
  random: Random,
  { mark, note }: RunWatch['journal'],
): Monkey {
  const none = () => Object.fromEntries(processNames.map((name) => [name, 0])) as Record<ProcessName, number>;
  const kills = none();
  const pauses = none();
  const unexpectedExits: string[] = [];
  const busy = new Map<ChainProcess, Promise<void>>();
  const ending = new AbortController();
  const loop = run();

  return {
    disruptions: { kills, pauses, unexpectedExits },
    async stop() {
      ending.abort();
      await loop;
      await Promise.all(busy.values());
      const gone = Object.values(processes).filter(({ state }) => state === 'gone');
      await Promise.all(gone.map((part) => part.start()));
      await until(
        'every part runs',
        () => Object.values(processes).every(({ state }) => state === 'running'),
        {
          withinMs: 30_000,
        },
      );
    },
  };

  /** Kills every process once, so that each run covers them all; then continues at random. */
  async function run(): Promise<void> {
    const first = [...processNames].sort(() => random.next() - 0.5);
    while (!ending.signal.aborted) {
      await wait(random.between(gapMs.min, gapMs.max), undefined, { signal: ending.signal }).catch(
        () => undefined,
      );
      const allRun = Object.values(processes).every(({ state }) => state === 'running');
      if (ending.signal.aborted || (!allRun && !random.chance(overlapRatio))) continue;
      const name = first.pop() ?? random.pick({ ...forEachService(() => 3), database: 1.5 });
      const what = first.length > 0 ? 'kill' : random.pick({ kill: 6, pause: 2 });
      const part = processes[name];
      if (busy.has(part)) continue;
      const trouble = (what === 'kill' ? killAndStart(name, part) : pauseAndResume(name, part)).finally(() =>
        busy.delete(part),
      );
      busy.set(part, trouble);
    }
  }

  async function killAndStart(name: ProcessName, part: ChainProcess): Promise<void> {
    if (part.state === 'gone') unexpectedExits.push(`${name} had ended with ${await part.ended}`);
    else kills[name] += 1;
    const from = Date.now();
    note({ who: name, text: 'killed', level: 'bad' });
    await part.kill();
    await wait(random.between(downMs.min, downMs.max));
    // It can be killed again before it is ready.
    void part.start().then(() => mark({ from, to: Date.now(), label: `${name} killed`, tone: 'open' }));
  }

  /** A service is paused for longer than its lease, so that another relay takes over; the database for a while. */
  async function pauseAndResume(name: ProcessName, part: ChainProcess): Promise<void> {
    if (part.state !== 'running') return;
    pauses[name] += 1;
    const from = Date.now();
    note({ who: name, text: 'paused', level: 'bad' });
    part.pause();
    await wait(name === 'database' ? random.between(300, 2500) : leaseMs + random.between(200, 800));
    part.resume();
    mark({ from, to: Date.now(), label: `${name} paused`, tone: 'fault' });
  }
}
