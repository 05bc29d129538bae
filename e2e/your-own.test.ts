/** docs/your-own.md, word for word: a fourth service. Only the number of the killed process is the copy's own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { followPage } from './follow-page.ts';

it('leads to a fourth service, that ships, is killed, comes back and is audited', async () => {
  const { copy, steps, chain, follow } = await followPage('docs/your-own.md');
  expect(readFileSync(join(copy, 'package-lock.json'), 'utf8')).toContain('"node_modules/@holdfast/invoice"');
  const invoices = () =>
    chain
      .log()
      .flatMap(({ event, part, pid }) => (event === 'started' && part === 'invoice' ? `${pid}` : []));
  for (const { command, output } of steps)
    await follow({ command: command.replace('4711', () => invoices().at(-1) ?? ''), output });
  expect(invoices().length).toBe(2);
});
