/** "Save this run": the real lab answers its last 30 minutes as one page and as JSON. */
import { expect, it } from 'vitest';
import { until } from '../../../shared/src/core/until.ts';
import type { Report } from '../../report/report.ts';
import { startFakeService } from '../support/fake-service.ts';
import { startLab } from '../support/labs.ts';
import { aBreaker, anEntry, aSnapshot, aStatus } from '../support/reports.ts';

const away = 'http://127.0.0.1:1';

it('is a download with a good name, and a page that may do nothing', async () => {
  const lab = await startLab([['order', away]]);
  for (const [kind, type] of [
    ['html', 'text/html; charset=utf-8'],
    ['json', 'application/json; charset=utf-8'],
  ] as const) {
    const answer = await lab.ask('GET', `/api/report.${kind}`);
    const { headers } = answer;
    expect([answer.status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="holdfast-\\d{4}-\\d\\d-\\d\\d-\\d{6}\\.${kind}"$`),
    );
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'; sandbox$/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toContain('The lab sent no order.');
  }
  expect((await lab.ask('POST', '/api/report.html')).status).toBe(405);
});

it('tells of services and their events, and what strangers wrote is text', async () => {
  const order = await startFakeService();
  const evil = '</script><img src=x onerror="alert(1)">';
  const status = aStatus({ breakers: [aBreaker()] });
  order.greet('snapshot', aSnapshot(status, [anEntry(1, { text: evil, line: evil })]));
  const lab = await startLab([['order', order.url]]);
  const report = () => lab.ask('GET', '/api/report.json').then((answer) => answer.json()) as Promise<Report>;
  await until('the event is there', async () =>
    (await report()).events.some(({ text }) => text === `order→payment: ${evil}`),
  );
  const html = await (await lab.ask('GET', '/api/report.html')).text();
  expect(html).toContain('&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  expect(html).not.toContain('<img');
  expect((await report()).tables[0]?.head).toEqual(['setting', 'order→payment']);
});

it('is only for those who may read', async () => {
  const lab = await startLab([['order', away]], { env: { LAB_TOKEN: 'a-long-secret' } });
  expect((await lab.ask('GET', '/api/report.html')).status).toBe(401);
  const headers = { Authorization: 'Bearer a-long-secret' };
  expect((await lab.ask('GET', '/api/report.html', { headers })).status).toBe(200);
  expect((await lab.ask('GET', '/api/report.json', { headers: { Host: 'evil.example' } })).status).not.toBe(
    200,
  );
});
