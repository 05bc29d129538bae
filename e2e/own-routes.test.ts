/** docs/own-routes.md, word for word: two routes of payment's own, and a neighbour that one of them asks. */
import { it } from 'vitest';
import { followPage } from './follow-page.ts';

it('leads to a receipt and to quotes, whose neighbour goes away without harm to orders', async () => {
  const { steps, follow, keepRunning } = await followPage('docs/own-routes.md');
  for (const step of steps) await (step.command.startsWith('node ') ? keepRunning(step) : follow(step));
});
