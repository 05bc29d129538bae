/** A thread for a test: answers what it is sent with its data before it, and fails on request. */
import { parentPort, workerData } from 'node:worker_threads';

parentPort?.on('message', (piece: string) => {
  if (piece === 'throw') throw new Error('broken');
  if (piece === 'end') process.exit(0);
  parentPort?.postMessage(`${workerData} ${piece}`);
});
