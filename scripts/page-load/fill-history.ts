/** Writes 30 minutes of history as the lab would have: a sample a second, and 2,000 events. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chain, portOf } from '../../chain.ts';
import { toBreakerKey } from '../../lab/server/breaker-key.ts';
import { header, toLine } from '../../lab/server/history-lines.ts';
import type { BreakerSample, LabEntry, LabMadeEntry } from '../../lab/server/wire.ts';

const seconds = 1790;
const events = 2000;

/** Fills the folder for the lab of a chain that begins at a port. */
export function fillHistory(folder: string, portBase: number, now = Date.now()): void {
  const begin = Math.floor(now / 1000) * 1000 - seconds * 1000;
  const keys = chain.slice(0, -1).map((service, index) => {
    const name = `${service.name}→${chain[index + 1]?.name}`;
    return toBreakerKey(service.name, `http://127.0.0.1:${portOf(service, portBase)}`, name);
  });
  const samples = Array.from({ length: seconds }, (_, second) =>
    toLine({
      sample: {
        at: begin + second * 1000,
        breakers: Object.fromEntries(keys.map((key) => [key, toSample(second)])),
        customers: {
          completed: 45,
          pending: 5,
          refused: 0,
          failed: 0,
          unanswered: 0,
          p50Ms: 21 + (second % 7),
          p99Ms: 80 + (second % 90),
        },
        pending: { order: second % 40, payment: second % 25, shipment: 0 },
      },
    }),
  );
  const entries = Array.from({ length: events }, (_, index) =>
    toLine({ entry: toEntry(index, begin + (index * seconds * 1000) / events) }),
  );
  const text = [header, ...samples, ...entries].join('');
  writeFileSync(join(folder, `history-${begin}.jsonl`), text);
}

/** Half a minute of calls, then ten seconds of an outage. */
function toSample(second: number): BreakerSample {
  const isOpen = second % 40 >= 30;
  return {
    ok: isOpen ? 0 : 50 + (second % 5),
    failed: isOpen ? 1 : 0,
    rejected: isOpen ? 50 : 0,
    relay: second % 40 < 5 ? 12 : 0,
    p50Ms: 4 + (second % 3),
    p99Ms: 20 + (second % 17),
    inFlight: second % 9,
    state: isOpen ? 'open' : 'closed',
  };
}

/** Events of the lab's own kinds need the fewest fields; what the page does with them is the same. */
function toEntry(index: number, at: number): LabEntry {
  const text = `shipment is back after ${index % 10} s, as a new process; of the orders meanwhile ${index} failed`;
  const entry: LabMadeEntry = {
    event: 'process',
    id: `filled-${index + 1}`,
    at: Math.round(at),
    origin: 'shipment',
    service: 'shipment',
    instance: 'host:3002',
    text,
    line: text,
    level: index % 2 === 0 ? 'bad' : 'good',
  };
  return entry;
}
