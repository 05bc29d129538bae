/**
 * One hop with nothing but the writes: a bare server, the native driver, kept-alive connections.
 *
 * A durable chain needs the five writes of an order (2 + 2 + 1), so this is the lower bound for one in Node. It has no
 * validation, no limits and no retries.
 */
import { Agent, createServer, request as send } from 'node:http';
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { nextOf } from '../../chain.ts';
import { announceReady, readArmFlags } from './arm.ts';
import { type Content, openDurableWrites } from './durable-writes.ts';
import { textOf } from './text-of.ts';

const flags = readArmFlags();
const child = nextOf(flags.hop) ?? '';
const agent = new Agent({ keepAlive: true });
const writes = await openDurableWrites(flags.mongo, flags.hop);

const server = createServer(async (request, response) => {
  const content = JSON.parse(await textOf(request)) as Content;
  const isLast = flags.next === '' || content[child] === undefined;
  const answer = isLast ? await end(content) : await deliver(content);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(answer),
  });
  response.end(answer);
});
server.listen(0, '127.0.0.1');
announceReady(flags.hop, server);
onStopSignal(() => process.exit(0), { withParent: true });

async function end(content: Content): Promise<string> {
  await writes.keep(content);
  return JSON.stringify({ id: content.id, status: 'completed', message: 'Last' });
}

async function deliver(content: Content): Promise<string> {
  await writes.accept(content);
  const message = await post(JSON.stringify(content[child]));
  const result = { id: content.id, status: 'completed', message };
  await writes.complete(content.id, result);
  return JSON.stringify(result);
}

function post(body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const call = send(flags.next, { method: 'POST', agent, headers }, (answer) =>
      textOf(answer).then(resolve, reject),
    );
    call.once('error', reject);
    call.end(body);
  });
}
