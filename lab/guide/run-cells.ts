/** Measures many cells on all cores; the results do not depend on how many there are. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Cell, CellResult } from './cell.ts';

/** Measures the cells, each distinct one once; `onDone` gets how many are measured and how many there are. */
export async function runCells(
  cells: readonly Cell[],
  onDone: (done: number, of: number) => void,
): Promise<CellResult[]> {
  const keys = cells.map((cell) => JSON.stringify(cell));
  const distinct = new Map(keys.map((key, index) => [key, cells[index] as Cell]));
  const waiting = [...distinct];
  const results = new Map<string, CellResult>();
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return keys.map((key) => results.get(key) as CellResult);

  async function work(): Promise<void> {
    const worker = new Worker(new URL('cell-worker.ts', import.meta.url));
    try {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const [key, cell] = next;
        results.set(key, await ask(worker, cell));
        onDone(results.size, distinct.size);
      }
    } finally {
      await worker.terminate();
    }
  }
}

function ask(worker: Worker, cell: Cell): Promise<CellResult> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (result: CellResult) => {
      worker.off('error', reject);
      resolve(result);
    });
    worker.postMessage(cell);
  });
}
