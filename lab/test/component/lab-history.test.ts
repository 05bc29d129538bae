/** The history of the real lab: what it tells itself, and what is left of it after a restart. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import { header } from '../../server/history-lines.ts';
import { toSamples } from '../../server/sample-columns.ts';
import type { LabHistory, LabSnapshot } from '../../server/wire.ts';
import { type FakeService, startFakeService } from '../support/fake-service.ts';
import { startLab, type TestLab } from '../support/labs.ts';
import { aBreaker, anEntry, anOpenBreaker, aSnapshot, aStatus } from '../support/reports.ts';

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function historyOf(lab: TestLab): Promise<LabHistory> {
  return (await (await lab.ask('GET', '/api/history')).json()) as LabHistory;
}

const textsOf = async (lab: TestLab) =>
  (await historyOf(lab)).entries.map((entry) => ('text' in entry ? entry.text : entry.line));

const snapshotOf = (messages: readonly { data: unknown }[]) =>
  until('a snapshot came', () => messages[0]?.data as LabSnapshot | undefined);

async function listening(folder: string, service?: FakeService) {
  const order = service ?? (await startFakeService());
  const lately = { counts: aBreaker().counts, relay: 0, relayTotal: 0, p50Ms: null, p99Ms: null };
  order.greet(
    'snapshot',
    aSnapshot(aStatus({ breakers: [aBreaker()], lately: { 'order→payment': lately } }), [
      anEntry(1, { at: Date.now() - 60_000 }),
    ]),
  );
  const lab = await startLab([['order', order.url]], { env: { LAB_DATA_DIR: folder } });
  await until('the lab listens', async () => (await lab.status()).services[0]?.connected);
  return { lab, order };
}

it('an open breaker that went with the instance behind it is told', async () => {
  const { lab, order } = await listening('');
  order.tell('tick', aStatus({ breakers: [anOpenBreaker({ name: 'order→payment@a:1' }), aBreaker()] }));
  order.tell('tick', aStatus({ breakers: [aBreaker()] }));
  const told = await until('it was told', async () => {
    return (await textsOf(lab)).find((text) => text.includes('order→payment@a:1'));
  });
  expect(told).toMatch(/^order no longer knows the instance behind .*, whose breaker was OPEN;/);
});

it('a service that goes and comes back is told, with the database and the traffic', async () => {
  const { lab, order } = await listening('');
  order.greet('snapshot', aSnapshot(aStatus({ startedAt: 1, database: 'connection refused' }), [anEntry(1)]));
  await lab.ask('PUT', '/api/traffic', { body: { on: true, ratePerSecond: 1 } });
  order.hangUp();
  const told = await until('all was told', async () => {
    const texts = await textsOf(lab);
    return texts.some((text) => text.startsWith('the database cannot')) ? texts : undefined;
  });
  expect(told).toEqual([
    anEntry(1).line.replace(/^.*rejected/, 'rejected'),
    'traffic of 1/s is on',
    'order is gone: its connection ended (ended the stream)',
    expect.stringMatching(/^order is back after [\d.]+ s, as a new process/),
    'the database cannot be used, says order: connection refused',
  ]);
});

describe('a lab that is started again', () => {
  it('has its history, says what became of its traffic, and tells no event twice', async () => {
    const folder = createFolder();
    const { lab, order } = await listening(folder);
    await lab.ask('PUT', '/api/traffic', { body: { on: true, ratePerSecond: 7 } });
    await until('a sample was taken', async () => (await historyOf(lab)).samples.at.length > 0);
    const before = await historyOf(lab);
    const { lastId } = await snapshotOf(lab.watch());
    await lab.stop();

    order.hangUp();
    const again = (await listening(folder, order)).lab;
    const after = await historyOf(again);
    expect(toSamples(after.samples)).toEqual(expect.arrayContaining(toSamples(before.samples)));
    expect(order.listened.at(-1)).toBe('b-1');
    const texts = await textsOf(again);
    expect(texts.filter((text) => text.startsWith('rejected'))).toHaveLength(1);
    expect(texts.at(-1)).toMatch(
      /^the lab was started again after [\d.]+ s; traffic of 7\/s was on and is off now$/,
    );
    const messages = again.watch({ lastEventId: lastId });
    await until('the page is told', () => messages.some(({ event }) => event === 'lab'));
    expect((await snapshotOf(messages)).gap).toBe(false);
  });

  it('takes what is good of its folder and warns once of the rest', async () => {
    const folder = createFolder();
    writeFileSync(join(folder, 'history-1700000000000.jsonl'), 'something else\n');
    writeFileSync(join(folder, 'history-1700000000001.jsonl'), `${header}{"torn\n{}\n`);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    mkdirSync(join(folder, 'history-1700000000002.jsonl'));
    const { lab } = await listening(folder);
    const isNew = (name: string) => /^history-(?!17000)/.test(name);
    await until('it is written', () => readdirSync(folder).some(isNew));
    expect(lab.logged.filter((line) => line.includes('history'))).toHaveLength(1);
    expect((await historyOf(lab)).entries).toHaveLength(1);
    expect(readdirSync(folder)).toContain('notes.txt');
  });

  it('goes on in memory when its folder cannot be written, and warns once', async () => {
    const folder = createFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { lab } = await listening(join(file, 'history'));
    await until('two samples were taken', async () => (await historyOf(lab)).samples.at.length > 1);
    expect(lab.logged.filter((line) => line.includes('history'))).toHaveLength(1);
  });
});
