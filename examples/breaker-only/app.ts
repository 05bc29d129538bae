/** An Express app that asks one neighbour through a breaker, a bulkhead, retries and a deadline, and nothing else of Holdfast. */
import * as resilience from '@holdfast/shared/resilience';
import express, { type Express } from 'express';

/** Creates the app: `GET /stock` asks `url`, `GET /breakers` shows the breaker, `log` hears when its state changes. */
export function createShop(
  url: string,
  { log, settings }: { log: (line: string) => unknown; settings?: Partial<resilience.BreakerSettings> },
): Express {
  const events = resilience.createEventBus<resilience.BreakerEventMap>();
  events.on('transition', (event) => log(resilience.toTransitionLine(event)));

  const name = 'shop→stock';
  const breaker = resilience.createBreaker({ name, events, settings: settings ?? {} });
  const bulkhead = resilience.createBulkhead(name, { maxActive: 10, maxQueued: 20, waitMs: 100 });
  const retries = { attempts: 2, budget: resilience.createRetryBudget({ ratio: 0.2, minPerSecond: 3 }) };
  const client = resilience.createHttpClient();

  async function askStock(): Promise<string> {
    const deadline = resilience.createDeadline(1000);
    const attempt = async (signal: AbortSignal) => {
      const timeoutMs = Math.max(1, Math.min(300, deadline.leftMs()));
      const answer = await client.send({ method: 'GET', url, headers: {}, timeoutMs, signal });
      if (answer.status < 500) return answer.text;
      throw new resilience.NeighbourError('neighbour-failed', `It answered ${answer.status}.`);
    };
    return bulkhead.run(() => resilience.retry(retries, deadline, () => breaker.run(attempt)));
  }

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
    const view = breaker.view();
    const state = resilience.stateLabels[view.state];
    response.json([{ ...view, label: state, why: resilience.toReportSentence(view, Date.now()) }]);
  });
  return app;
}
