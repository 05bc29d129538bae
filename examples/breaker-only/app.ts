/** An Express app that asks one neighbour through a breaker, a bulkhead, retries and a deadline, and nothing else of Holdfast. */
import * as resilience from '@holdfast/shared/resilience';
import express, { type Express } from 'express';

/** What the shop does about its stock; what it leaves out is the default. A test asks of these very values what they do. */
export const stockPolicy = {
  deadlineMs: 1000,
  bulkhead: { maxActive: 10, maxQueued: 20, waitMs: 100 },
  // The default window of 10 s is still full of good calls when the stock fails, so it would open after more than 2 s.
  breaker: { windowMs: 3000, minCalls: 10 },
  attemptTimeoutMs: 300,
} satisfies resilience.PartialPolicy;

/** Creates the app: `GET /stock` asks `url`, `GET /breakers` shows the breaker, `log` hears when its state changes. */
export function createShop(
  url: string,
  { log, policy = stockPolicy }: { log: (line: string) => unknown; policy?: resilience.PartialPolicy },
): Express {
  const events = resilience.createEventBus<resilience.BreakerEventMap>();
  events.on('transition', (event) => log(resilience.toTransitionLine(event)));
  const stock = resilience.createPipelineOf(policy, { name: 'shop→stock', urls: [url], events });
  const client = resilience.createHttpClient();

  const askStock = () =>
    stock.run(async ({ url, timeoutMs, signal }) => {
      const answer = await client.send({ method: 'GET', url, headers: {}, timeoutMs, signal });
      if (answer.status < 500) return answer.text;
      throw new resilience.NeighbourError('neighbour-failed', `It answered ${answer.status}.`);
    });

  const app = express();
  app.get('/stock', async (_request, response) => {
    try {
      response.type('json').send(await askStock());
    } catch (error) {
      if (!(error instanceof resilience.CallError)) throw error;
      response.status(503).json({ code: error.code, detail: error.message });
    }
  });
  app.get('/breakers', (_request, response) => {
    const views = stock.instances.list().map(({ breaker }) => breaker.view());
    const toEntry = (view: resilience.BreakerView) => ({
      ...view,
      label: resilience.stateLabels[view.state],
      why: resilience.toReportSentence(view, Date.now()),
    });
    response.json(views.map(toEntry));
  });
  return app;
}
