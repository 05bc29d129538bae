/** Judges in a thread of its own, so that the lab answers meanwhile. */
import { parentPort } from 'node:worker_threads';
import { type JudgeRequest, judgePolicies } from './judge-policies.ts';

parentPort?.on('message', (request: JudgeRequest) => parentPort?.postMessage(judgePolicies(request)));
