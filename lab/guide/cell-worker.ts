/** A worker thread that measures cells: gets them one by one, answers each. */
import { parentPort } from 'node:worker_threads';
import { type Cell, measureCell } from './cell.ts';

parentPort?.on('message', (cell: Cell) => parentPort?.postMessage(measureCell(cell)));
