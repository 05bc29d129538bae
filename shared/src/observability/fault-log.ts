/** Logs when faults begin, change and end, in the words of fault-words.ts. */

import { toFaultLine } from '../faults/fault-words.ts';
import type { Events } from './events.ts';
import { limitLog } from './limited-log.ts';
import type { Log } from './log.ts';

/** Subscribes a log to the events of faults; a JSON line has the numbers as fields too. */
export function logFaults(events: Events, log: Log): void {
  const write = limitLog(log);
  events.on('fault', (event) => {
    const { change, reason, fault } = event;
    write({
      cause: `fault ${change} ${fault.name}`,
      level: 'info',
      fields: { event: 'fault', change, reason, fault },
      message: toFaultLine(event),
    });
  });
}
