/**
 * One hop with nothing but the writes: a bare server, the native driver, kept-alive connections.
 *
 * A durable chain needs the five writes of an order (2 + 2 + 1), so this is the lower bound for one in Node. It has no
 * validation, no limits and no retries.
 */
import { Agent, createServer, type IncomingMessage, request as send } from 'node:http';
import { parseArgs } from 'node:util';
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { MongoClient } from 'mongodb';
import { nextOf } from '../../chain.ts';
import { announce } from '../../shared/src/observability/log.ts';

interface Kept {
  readonly _id: string;
  readonly body: unknown;
  readonly state: 'accepted' | 'completed';
  readonly at: Date;
}

const { values: flags } = parseArgs({
  options: {
    hop: { type: 'string', default: 'order' },
    mongo: { type: 'string', default: '' },
    next: { type: 'string', default: '' },
  },
});
const durable = { writeConcern: { w: 'majority', j: true } } as const;
const child = nextOf(flags.hop) ?? '';
const agent = new Agent({ keepAlive: true });

const client = await new MongoClient(flags.mongo).connect();
const kept = client.db().collection<Kept>(`${flags.hop}s`);

const server = createServer(async (request, response) => {
  const body = JSON.parse(await read(request)) as { id: string } & Record<string, unknown>;
  const answer = flags.next === '' || body[child] === undefined ? await end(body) : await deliver(body);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(answer),
  });
  response.end(answer);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object')
    announce(`ready ${flags.hop}=http://127.0.0.1:${address.port}`);
});
onStopSignal(() => process.exit(0), { withParent: true });

async function end(body: { id: string }): Promise<string> {
  await kept.insertOne({ _id: body.id, body, state: 'completed', at: new Date() }, durable);
  return JSON.stringify({ id: body.id, status: 'completed', message: 'Last' });
}

async function deliver(body: { id: string } & Record<string, unknown>): Promise<string> {
  await kept.insertOne({ _id: body.id, body, state: 'accepted', at: new Date() }, durable);
  const message = await post(JSON.stringify(body[child]));
  const result = { id: body.id, status: 'completed', message };
  await kept.updateOne(
    { _id: body.id, state: 'accepted' },
    { $set: { state: 'completed', result, doneAt: new Date() } },
    durable,
  );
  return JSON.stringify(result);
}

function post(body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const call = send(flags.next, { method: 'POST', agent, headers }, (answer) =>
      read(answer).then(resolve, reject),
    );
    call.once('error', reject);
    call.end(body);
  });
}

async function read(stream: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      text += part;
    });
    stream.once('end', () => resolve(text));
    stream.once('error', reject);
  });
}
