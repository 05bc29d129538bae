/** Measures many cells on all cores; the results do not depend on how many there are. */
import { startThreads } from '../processes/threads.ts';
import type { Cell, CellResult } from './cell.ts';

/** Measures the cells, each distinct one once; `onDone` gets how many are measured and how many there are. */
export async function runCells(
  cells: readonly Cell[],
  onDone: (done: number, of: number) => void,
): Promise<CellResult[]> {
  const keys = cells.map((cell) => JSON.stringify(cell));
  const distinct = new Map(keys.map((key, index) => [key, cells[index] as Cell]));
  const threads = startThreads<Cell, CellResult>(new URL('cell-worker.ts', import.meta.url));
  try {
    const measured = await threads.run([...distinct.values()], (done) => onDone(done, distinct.size));
    const results = new Map([...distinct.keys()].map((key, index) => [key, measured[index]]));
    return keys.map((key) => results.get(key) as CellResult);
  } finally {
    await threads.close();
  }
}
