/** What `npm start` prints when everything is ready: one line for a script, one block for a person. */
import { relative } from 'node:path';
import type { Plan, PlannedService } from './plan.ts';

/** The first order: the original chain's own request. */
export const firstOrder = {
  id: '1',
  items: [],
  payment: { id: '1', amount: 0, shipment: { id: '1', directions: 'home' } },
};

/** The same in a shell, where `$id` is a fresh id: with a fixed one only the first order ever would be new. */
export const firstOrderInShell = JSON.stringify(firstOrder).replaceAll('"1"', `"'$id'"`);

/**
 * The line that a script waits for: `ready order=http://… payment=… shipment=… lab=…`, and behind them the further
 * instances as `payment-2=…`.
 */
export function toReadyLine({ services, lab }: Plan): string {
  const isFirst = ({ name, service }: PlannedService) => name === service;
  const others = services.filter((part) => !isFirst(part));
  const parts = [...services.filter(isFirst), ...(lab === undefined ? [] : [lab]), ...others];
  return ['ready', ...parts.map(({ name, url }) => `${name}=${url}`)].join(' ');
}

/** The block that a person reads; `keys` is what pressing a key does, in words, empty without a keyboard. */
export function toWelcome(plan: Plan, tookMs: number, keys = ''): string {
  const rows = [
    ...plan.services.map(({ name, service, url }) => [name === service ? name : '', url]),
    ...(plan.lab === undefined ? [] : [['dashboard', plan.lab.url]]),
    ['database', toDatabaseWords(plan)],
  ];
  return [
    '',
    `Ready in ${(tookMs / 1000).toFixed(1)} s`,
    '',
    ...rows.map(([name = '', where]) => `  ${name.padEnd(10)}${where}`),
    '',
    'Send the first order:',
    '',
    '  id=$(date +%s)',
    `  curl -s ${plan.services[0]?.url}/create -H 'Content-Type: application/json' \\`,
    `    -d '${firstOrderInShell}'`,
    '',
    ...(keys === '' ? [] : [`Keys: ${keys}`]),
    'Stop everything: Ctrl-C',
    '',
  ].join('\n');
}

/** A given database is not named: its URL can hold a password. */
function toDatabaseWords({ database }: Plan): string {
  if (database === undefined) return 'the one that MONGO_URL names';
  const folder = relative(process.cwd(), database.dataDir);
  return `${database.url}, keeps its documents in ${folder.startsWith('..') ? database.dataDir : `./${folder}`}`;
}
