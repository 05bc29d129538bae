/** What every arm of the benchmark that is not the chain has alike: its flags, and the line that says it is ready. */
import type { Server } from 'node:http';
import { parseArgs } from 'node:util';
import { announce } from '../../shared/src/observability/log.ts';

/** What a hop of an arm is told. */
export interface ArmFlags {
  readonly hop: string;
  readonly mongo: string;
  /** The address of the next hop; empty at the end. */
  readonly next: string;
  /** Whether a switch of this arm is on. */
  is(name: string): boolean;
}

/** Reads the flags of this process; `switches` are those that only this arm has. */
export function readArmFlags(switches: readonly string[] = []): ArmFlags {
  const text = { type: 'string', default: '' } as const;
  const own = switches.map((name) => [name, { type: 'boolean', default: false }] as const);
  const options = { hop: { ...text, default: 'order' }, mongo: text, next: text, ...Object.fromEntries(own) };
  const { values } = parseArgs({ options });
  const { hop, mongo, next } = values as { hop: string; mongo: string; next: string };
  return { hop, mongo, next, is: (name) => (values as Record<string, unknown>)[name] === true };
}

/** Says where a hop listens, as soon as it does. */
export function announceReady(hop: string, server: Server): void {
  server.once('listening', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object')
      announce(`ready ${hop}=http://127.0.0.1:${address.port}`);
  });
}
