/**
 * What every hop of a history has answered, and the promises about it: the same final answer for ever, and nobody who
 * was told an end by a process is told "pending" by it later.
 */
import type { Answer } from '../../src/delivery/answers.ts';
import type { CreateRequest } from '../../src/delivery/hop.ts';
import type { HopRecord } from '../../src/delivery/record.ts';

/** The answers of one history. */
export interface Answers {
  /** The promises that were broken, in words. */
  readonly broken: readonly string[];
  break(words: string): void;
  /** Begins to watch one create at a process of a hop; what it returns hears the answer. */
  begin(hop: string, generation: number, request: CreateRequest): (answer: Answer) => void;
  /** Demands that whatever a process has answered finally is stored. */
  requireStored(hop: string, generation: number, stored: ReadonlyMap<string, HopRecord>): void;
  /** Compares what a hop has answered with what it stores. */
  compare(hop: string, stored: ReadonlyMap<string, HopRecord>): void;
}

/** Begins with no answer. */
export function createAnswers(): Answers {
  const broken: string[] = [];
  const final = new Map<string, Final>();

  const storedAs = ({ id, parent }: Final, stored: ReadonlyMap<string, HopRecord>) =>
    [...stored.values()].find((record) => record.body.id === id && record.parent === parent);

  const requireSame = (hop: string, one: Final, record: HopRecord | undefined) => {
    if (JSON.stringify(record?.result?.body) === one.text) return;
    broken.push(`${hop} answered ${one.text} and stores ${JSON.stringify(record?.result)}`);
  };

  return {
    broken,
    break: (words) => void broken.push(words),
    begin(hop, generation, { content, parent }) {
      const { id } = content as { id: string };
      const key = JSON.stringify([hop, id, parent]);
      const wasToldHere = final.get(key)?.generations.has(generation) === true;
      return ({ status, body }) => {
        if (status === 202 && wasToldHere) broken.push(`${hop} "${id}" was final and is pending`);
        if (status !== 200 && !(status === 422 && body.final === true)) return;
        const text = JSON.stringify(body);
        const before = final.get(key);
        if (before !== undefined && before.text !== text)
          broken.push(`${hop} "${id}": ${before.text}, then ${text}`);
        final.set(key, {
          id,
          parent,
          text,
          generations: new Set([...(before?.generations ?? []), generation]),
        });
      };
    },
    requireStored(hop, generation, stored) {
      for (const [key, one] of final) {
        if (JSON.parse(key)[0] === hop && one.generations.has(generation))
          requireSame(hop, one, storedAs(one, stored));
      }
    },
    compare(hop, stored) {
      for (const [key, one] of final)
        if (JSON.parse(key)[0] === hop) requireSame(hop, one, storedAs(one, stored));
    },
  };
}

/** One final answer, and the processes that gave it. */
interface Final {
  readonly id: string;
  readonly parent: string | null;
  readonly text: string;
  readonly generations: ReadonlySet<number>;
}
