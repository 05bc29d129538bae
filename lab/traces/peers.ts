/** Which neighbour spans are about: a file of a collector has calls of everybody to everybody. */
import type { RawTrace } from './raw-trace.ts';
import type { TraceCall } from './trace.ts';
import { TraceError } from './trace-error.ts';

/** A client span as a call. */
export interface SpanCall {
  readonly call: TraceCall;
  /** What the neighbour is called: its service, else its address. */
  readonly peer: string;
  /** What else it answers to: its host, its address with the port. */
  readonly aliases: readonly string[];
  /** A database or a queue, which is no neighbour unless it is asked for. */
  readonly isStore: boolean;
}

/** Takes the calls to one neighbour. */
export interface Peers {
  take(span: SpanCall, line: number): void;
  /** @throws {TraceError} when the calls are to several neighbours and none was chosen. */
  finish(): void;
}

/** Neighbours that are counted; an error names the first of them. */
const maxPeers = 1000;
const namedPeers = 12;

/** Takes calls to `chosen` (names with commas), or to the only one. */
export function createPeers(file: string, raw: RawTrace, chosen: string | undefined): Peers {
  const wanted = chosen?.split(',').map((name) => name.trim());
  const found = new Map<string, number>();
  const seen = new Set<string>();
  let stores = 0;
  let others = 0;
  let repeated = 0;

  return {
    take({ call, peer, aliases, isStore }, line) {
      if (wanted === undefined && isStore) {
        stores += 1;
        return;
      }
      if (found.size < maxPeers || found.has(peer)) found.set(peer, (found.get(peer) ?? 0) + 1);
      if (wanted !== undefined && ![peer, ...aliases].some((name) => wanted.includes(name))) others += 1;
      else if (isRepeated(call)) repeated += 1;
      else if (wanted !== undefined || found.size === 1) raw.call(call, line);
    },
    finish() {
      if (wanted === undefined && found.size > 1)
        throw new TraceError(
          `${file} has calls to ${found.size} neighbours: ${toNames(found)}; choose with --peer NAME.`,
        );
      if (wanted !== undefined && others > 0 && others === sum(found))
        throw new TraceError(
          `${file} has no call to ${wanted.join(', ')}; it has calls to ${toNames(found)}.`,
        );
      if (wanted !== undefined && others > 0) raw.say(`${others} calls to other neighbours were left out.`);
      if (stores > 0) raw.say(`${stores} calls to databases and queues were left out; --peer chooses one.`);
      if (repeated > 0) raw.say(`${repeated} spans occur again and were counted once.`);
    },
  };

  /** A collector sends a batch again when it got no answer. Only the newest are known: a batch comes again soon. */
  function isRepeated({ t, ms, instance }: TraceCall): boolean {
    const id = `${t} ${ms} ${instance}`;
    if (seen.has(id)) return true;
    seen.add(id);
    if (seen.size > 50_000) seen.delete(seen.values().next().value ?? '');
    return false;
  }
}

function sum(found: ReadonlyMap<string, number>): number {
  return [...found.values()].reduce((all, one) => all + one, 0);
}

function toNames(found: ReadonlyMap<string, number>): string {
  const most = [...found].sort(([, a], [, b]) => b - a);
  const named = most.slice(0, namedPeers).map(([name, calls]) => `${name} (${calls})`);
  return [...named, ...(most.length > namedPeers ? ['…'] : [])].join(', ');
}
