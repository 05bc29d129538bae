/**
 * `npm run canary`: shows the distribution of requests, then shifts the share of the canaries in steps and compares
 * each. The options are in settings.ts, the reasons in docs/canary.md.
 *
 * Exit code 0: promoted. 1: rolled back, or the audit found a broken promise. 2: it could not be run. Its processes end
 * with it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { readSettings } from '@holdfast/shared/core/config.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { serviceNames } from '../../chain.ts';
import type { Acknowledged } from '../audit/acknowledged.ts';
import { operatorSettings } from '../audit/database.ts';
import { toLedgerFacts } from '../audit/ledger-facts.ts';
import { drawTable, type Table } from '../measure/draw-table.ts';
import { auditAtEnd } from '../proxies/audit-at-end.ts';
import { startCustomers } from '../proxies/customers.ts';
import { openHaproxySocket } from '../proxies/haproxy-socket.ts';
import { endOnSignal, openJournal, toFacts } from '../report/journal.ts';
import { createHttpCalls, type HttpCalls } from '../server/http-call.ts';
import { breakCanaries } from './break-canary.ts';
import { askVersions, ofCanary, sendOrders, toServedTable } from './distribution.ts';
import { serversOf } from './observe.ts';
import { awaitReady, type ReleaseSet, startReleaseSet } from './release-set.ts';
import { rollOut, setShare } from './rollout.ts';
import { type CanarySettings, canaryCommand, readCanarySettings } from './settings.ts';
import { toAnswerChart } from './to-chart.ts';

/** How long pending orders may take after the last order. */
const drainMs = 60_000;
/** How long orders continue after a rollback. */
const afterwardsMs = 2000;
/** Orders with `X-Release: canary`. */
const targeted = 20;

const settings = readArguments(canaryCommand, readCanarySettings, { announce, complain });
const { running: _running, report, broken, ...asked } = settings;
const journal = openJournal({
  title: 'Canary',
  settings: toFacts({ ...asked, broken: broken && `${broken.service}: ${broken.kind}` }),
  file: report,
  say: complain,
});
endOnSignal(journal);
try {
  process.exit((await run(settings)) ? 0 : 1);
} catch (error) {
  const why = `The canary could not be run: ${error instanceof Error ? error.message : error}`;
  complain(why);
  journal.end({ text: why, isGood: false });
  process.exit(2);
}

async function run(settings: CanarySettings): Promise<boolean> {
  const set = settings.running === undefined ? await startHere() : await attach(settings.running);
  const calls = createHttpCalls();
  try {
    await setUsualShares(set);
    const acknowledged = await showDistribution(settings, set, calls);
    const { isPromoted, words } = await runRollout(settings, set, calls, acknowledged);
    const audited = await showAudit(set, acknowledged);
    journal.end({ text: `${words} ${audited.words}`, isGood: audited.isKept && isPromoted });
    return audited.isKept && isPromoted;
  } finally {
    calls.close();
    await set.stop();
  }
}

async function startHere(): Promise<ReleaseSet> {
  complain('Starting three stable instances and one canary of each service, a database, and HAProxy …');
  return startReleaseSet();
}

/** Uses a running set-up, which is not stopped at the end. */
async function attach({ url, socket: address }: NonNullable<CanarySettings['running']>): Promise<ReleaseSet> {
  const socket = openHaproxySocket(address);
  const servers = await socket.servers();
  for (const service of serviceNames) {
    for (const release of ['stable', 'canary'] as const) {
      const up = serversOf({ servers }, service, release).filter(({ isUp }) => isUp);
      if (up.length === 0) throw new Error(`HAProxy knows no ${release} instance of ${service} that is up.`);
    }
  }
  // HAProxy gives a server that has just come up less than its share.
  await awaitReady(socket);
  const { MONGO_URL } = readSettings(operatorSettings);
  return { url, socket, mongoUrl: MONGO_URL || undefined, stop: async () => undefined };
}

/** Gives every instance the same weight, as after a start. */
async function setUsualShares({ socket }: ReleaseSet): Promise<void> {
  const servers = await socket.servers();
  for (const service of serviceNames) {
    for (const server of serversOf({ servers }, service)) await socket.setWeight(server, 1);
  }
}

/** Returns the acknowledged orders. */
async function showDistribution(
  { requests }: CanarySettings,
  set: ReleaseSet,
  calls: HttpCalls,
): Promise<Acknowledged[]> {
  if (requests === 0) return [];
  const parts = { ...set, calls };
  const show = (title: string, table: Table) => {
    announce(`${title}\n\n${drawTable(table.head, table.rows)}\n`);
    journal.know({ tables: [{ title, ...table }] });
  };
  show(`${requests} requests GET /version`, toServedTable(await askVersions(parts, requests)));
  const orders = await sendOrders(parts, requests);
  show(`${requests} orders, and where HAProxy sent each part`, toServedTable(orders.served));
  const asked = await sendOrders(parts, targeted, { 'X-Release': 'canary' });
  const counts = serviceNames.map((service) => `${service} ${ofCanary(asked.served, service)}`).join(', ');
  announce(`${targeted} orders with X-Release: canary, served by canaries: ${counts}.\n`);
  return [...orders.acknowledged, ...asked.acknowledged];
}

async function runRollout(
  { broken, rate, ...settings }: CanarySettings,
  { url, socket }: ReleaseSet,
  calls: HttpCalls,
  acknowledged: Acknowledged[],
): Promise<{ isPromoted: boolean; words: string }> {
  await setShare(0, socket);
  const heal = broken === undefined ? undefined : await breakCanaries(broken, socket, calls);
  const print = (sentence: string, level: 'bad' | 'info' = 'info') => {
    announce(sentence);
    journal.note({ who: 'rollout', text: sentence, level });
  };
  if (broken !== undefined) print(`The canaries of ${broken.service} are broken: ${broken.kind}.`, 'bad');
  const customers = startCustomers({ calls, url, ratePerSecond: rate });
  try {
    const isPromoted = await rollOut(settings, { socket, calls, print });
    if (!isPromoted) await wait(afterwardsMs);
    await customers.finish();
    const of = (...statuses: (number | null)[]) =>
      customers.answers.filter(({ status }) => statuses.includes(status)).length;
    const [completed, pending] = [of(200), of(202)];
    const words =
      `${isPromoted ? 'Promoted' : 'Rolled back'}. ${customers.answers.length} orders at ${rate}/s: ${completed} completed ` +
      `at once, ${pending} kept and finished later, ${customers.answers.length - completed - pending} asked again.`;
    announce(words);
    return { isPromoted, words };
  } finally {
    journal.draw(toAnswerChart(customers.answers, performance.timeOrigin));
    await heal?.();
    acknowledged.push(...customers.acknowledged.values());
  }
}

/** Says whether every promise is kept; true when there is no database to audit. */
async function showAudit(
  { mongoUrl }: ReleaseSet,
  acknowledged: readonly Acknowledged[],
): Promise<{ isKept: boolean; words: string }> {
  const say = (isKept: boolean, words: string) => {
    announce(words);
    return { isKept, words };
  };
  if (mongoUrl === undefined) return say(true, 'Not audited: set MONGO_URL to the database of the chain.');
  const report = await auditAtEnd(mongoUrl, acknowledged, drainMs);
  journal.know({ ledger: toLedgerFacts(report) });
  const said = say(
    report.kept && report.pending === 0,
    `Audit: ${acknowledged.length} acknowledged, ${report.completed} completed, ${report.pending} pending, ` +
      `lost ${report.lost}, doubled ${report.doubled}.`,
  );
  for (const { what } of report.findings) {
    announce(what);
    journal.note({ who: 'audit', text: what, level: 'bad' });
  }
  return said;
}
