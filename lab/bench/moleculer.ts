/**
 * One hop on Moleculer: a node of its own on the TCP transporter, with breaker, retries and bulkhead, that makes the
 * same durable writes as the floor; the node of the front door also has the HTTP entry.
 *
 * Everything is as Moleculer has it by default, but for four things: neighbours are named and not found by UDP, nothing
 * is logged, calls end as late as those of the chain, and the bulkhead is as wide, since ten calls at once would hold 64
 * clients back. The entry is bare `node:http`, which is cheaper than moleculer-web, and contents are not validated. The
 * transporter listens on every address of the machine; it knows no other way.
 */
import { createServer } from 'node:http';
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { type Context, Errors, ServiceBroker } from 'moleculer';
import { chain, nextOf } from '../../chain.ts';
import { announce } from '../../shared/src/observability/log.ts';
import { announceReady, readArmFlags } from './arm.ts';
import { type Content, openDurableWrites } from './durable-writes.ts';
import { textOf } from './text-of.ts';

// accept-only: an order is finished without a write that says so: three writes in place of five. --next is the next node, as
// `tcp://127.0.0.1:PORT/NODE`.
const flags = readArmFlags(['accept-only']);
const next = nextOf(flags.hop);
const writes = await openDurableWrites(flags.mongo, flags.hop);

const transport = { udpDiscovery: false, urls: flags.next };
const broker = new ServiceBroker({
  nodeID: flags.hop,
  logger: false,
  transporter: { type: 'TCP', options: transport },
  requestTimeout: 4000,
  circuitBreaker: { enabled: true },
  retryPolicy: { enabled: true },
  bulkhead: { enabled: true, concurrency: 512, maxQueueSize: 256 },
});
broker.createService({
  name: flags.hop,
  actions: { create: (context: Context<Content>) => create(context) },
});
await broker.start();
if (next !== undefined) await broker.waitForServices(next);
if (flags.hop === chain[0].name) openEntry();
else announce(`ready ${flags.hop}=tcp://127.0.0.1:${broker.getLocalNodeInfo().port}/${flags.hop}`);
onStopSignal(() => process.exit(0), { withParent: true });

async function create(context: Context<Content>): Promise<object> {
  const content = context.params;
  const { id } = content;
  if (next === undefined || content[next] === undefined) {
    await writes.keep(content);
    return { id, status: 'completed', message: 'Last' };
  }
  await writes.accept(content);
  const message: unknown = await context.call(`${next}.create`, content[next]);
  const result = { id, status: 'completed', message };
  if (!flags.is('accept-only')) await writes.complete(id, result);
  return result;
}

function openEntry(): void {
  const server = createServer(async (request, response) => {
    const { status, text } = await answer(await textOf(request));
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
    response.writeHead(status, headers).end(text);
  });
  server.listen(0, '127.0.0.1');
  announceReady(flags.hop, server);
}

async function answer(body: string): Promise<{ status: number; text: string }> {
  try {
    const result = await broker.call(`${flags.hop}.create`, JSON.parse(body) as Content);
    return { status: 200, text: JSON.stringify(result) };
  } catch (error) {
    const status = error instanceof Errors.MoleculerError ? error.code : 500;
    return { status, text: JSON.stringify({ message: String(error) }) };
  }
}
