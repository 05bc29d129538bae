/**
 * One hop of the original's design, rebuilt to be measured: `connect()` in every request, a plain save without a unique
 * id, a breaker around the call to the next hop, and answers that carry the whole document with what mongoose keeps in it.
 *
 * It differs from the original in two points, both in its favour: it writes no log, and its last hop answers instead of
 * calling a missing next one.
 */
import { Agent } from 'node:http';
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import axios from 'axios';
import cors from 'cors';
import express from 'express';
import mongoose, { Schema } from 'mongoose';
import CircuitBreaker from 'opossum';
import { nextOf } from '../../chain.ts';
import { announceReady, readArmFlags } from './arm.ts';

// no-keep-alive: a new connection for every call, as Node 16 has it, which the original's image is made of.
const flags = readArmFlags(['no-keep-alive']);

const fieldsOf: Readonly<Record<string, mongoose.SchemaDefinition>> = {
  order: { date: Date, items: { type: [], required: true }, payment: { type: {}, required: true } },
  payment: { amount: { type: Number, required: true }, shipment: { type: {}, required: true } },
  shipment: { directions: { type: String, required: true } },
};
const child = nextOf(flags.hop) ?? '';

const shape = new Schema({ id: { type: String, required: true }, ...fieldsOf[flags.hop] }, { id: false });
const Kept = mongoose.model(flags.hop, shape, `${flags.hop}s`);
// Without an agent axios takes Node's own, which keeps connections since version 19.
const agent = flags.is('no-keep-alive') ? { httpAgent: new Agent({ keepAlive: false }) } : {};

const breaker = new CircuitBreaker(callNext, {
  timeout: 300,
  errorThresholdPercentage: 50,
  resetTimeout: 10_000,
});

const app = express();
app.use(cors({ origin: '*' }));
app.use(express.json());
app.post('/create', async (request, response) => {
  const count = (Number(request.query.count) || 0) + 1;
  const document = await save(request.body);
  if (flags.next === '' || document.get(child) === undefined) {
    response.send(toMessage('\nLast'));
    return;
  }
  // The status is 200 even when the call failed; only the content differs.
  response.send(await breaker.fire(count, document).catch((error: unknown) => error));
});

const server = app.listen(0, '127.0.0.1');
announceReady(flags.hop, server);
onStopSignal(() => process.exit(0), { withParent: true });

async function save(content: object) {
  await mongoose.connect(flags.mongo);
  const document = new Kept(content);
  await document.save();
  return document;
}

async function callNext(count: number, document: mongoose.Document): Promise<object> {
  const body: unknown = document.get(child);
  const answer = await axios.post<unknown>(`${flags.next}?count=${count}`, body, agent);
  return toMessage({ response: answer.data, ...document });
}

function toMessage(data: unknown): object {
  const now = new Date();
  return { location: `\nThis is ${flags.hop} @${now.getMinutes()}:${now.getSeconds()}`, data };
}
