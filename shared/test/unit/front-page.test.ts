/** The README is short, and its first order is the one that `npm start` suggests. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { order } from '../../../order/src/order.ts';
import { firstOrderInShell } from '../../../scripts/start/welcome.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('has at most 150 lines', () => {
    expect(readme.split('\n').length - 1).toBeLessThanOrEqual(150);
  });

  it('ships the order that `npm start` suggests', () => {
    expect(readme).toContain(`-d '${firstOrderInShell}'\n`);
  });

  it('sends orders that the front door takes', () => {
    const bodies = [...readme.matchAll(/-d '(\{"id".*\})'$/gm)].map(([, body = '']) =>
      JSON.parse(body.replaceAll(/'\$[\w$-]+'/g, '1')),
    );
    expect(bodies.length).toBe(2);
    expect(bodies.filter((body) => !order.schema.safeParse(body).success)).toEqual([]);
  });
});

it('every command that is not for developing Holdfast itself is in docs/commands.md', () => {
  const commands = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
  const scripts = Object.keys(
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).scripts,
  );
  const forDevelopers =
    /^(start|test.*|check|format|lint|types|screenshot|page-load|mutate|simulate-speed|guide|conformance|reference)$/;
  const missing = scripts.filter(
    (name) => !forDevelopers.test(name) && !commands.includes(`\`npm run ${name}`),
  );
  expect(missing).toEqual([]);
});
