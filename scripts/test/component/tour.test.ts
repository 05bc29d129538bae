/** A tour is a test: whatever in it is wrong, or is not understood, turns it red. The requests are real. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RequestResult, runTour } from '../../tour/run-tour.ts';

let host: string;
let asked: { method: string; url: string; body: string }[] = [];
const server = createServer(async (request, response) => {
  const body = await read(request);
  asked.push({ method: request.method ?? '', url: request.url ?? '', body });
  const isDone = asked.length >= 3;
  response.writeHead(201, { 'Content-Type': 'application/json', 'Retry-After': '7', Location: '/things/1' });
  response.end(JSON.stringify({ id: 'a-1', status: isDone ? 'completed' : 'pending', hops: [{ ms: 3 }] }));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const run = (text: string) =>
  runTour(`@host = ${host}\n\n${text}`, { fileName: 'tour.http', onResult: () => undefined });
const faultsOf = (stops: readonly RequestResult[]) =>
  stops.flatMap(({ results }) => results.flatMap(({ fault }) => (fault === undefined ? [] : [fault])));
const create = (lines: string) =>
  `### Create\n# @name create\n${lines}\nPOST {{host}}/create\n\n{ "id": 1 }\n`;

describe('a tour that is right', () => {
  it('is green, and every expectation counts', async () => {
    const stops = await run(
      create(
        [
          '# @expect status == 201',
          '# @expect header retry-after',
          '# @expect header retry-after >= 7',
          '# @expect body.hops[0].ms == 3',
          '# @expect body.hops.length < 2',
          '# @expect body.status != "completed"',
          '# @expect text contains "a-1"',
          '# @expect header content-type matches /json$/',
          '# @expect duration < 5000',
        ].join('\n'),
      ),
    );
    expect(faultsOf(stops)).toEqual([]);
    expect(stops).toMatchObject([{ title: 'Create (create)', status: 201 }]);
    expect(stops[0]?.results).toHaveLength(9);
  });

  it('fills in what earlier answers said, in addresses, bodies and expectations', async () => {
    const stops = await run(
      `${create('# @expect status == 201')}
### Read
# @expect body.id == "{{create.response.body.$.id}}"
POST {{host}}{{create.response.headers.Location}}

{ "first": "{{create.response.body.$.hops[0].ms}}", "fresh": "{{$guid}}" }
`,
    );
    expect(faultsOf(stops)).toEqual([]);
    expect(asked[1]?.url).toBe('/things/1');
    expect(JSON.parse(asked[1]?.body ?? '')).toEqual({
      first: '3',
      fresh: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('waits by asking again', async () => {
    const stops = await run(
      create('# @until body.status == "completed" within 5 s\n# @expect status == 201'),
    );
    expect(faultsOf(stops)).toEqual([]);
    expect(asked.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([
      ['POST', { id: 1 }],
      ['POST', { id: 1 }],
      ['POST', { id: 1 }],
    ]);
  });

  it('sends a request several times, and looks at each answer', async () => {
    const stops = await run(create('# @times 4\n# @expect status == 201'));
    expect(faultsOf(stops)).toEqual([]);
    expect(asked).toHaveLength(4);
    expect(stops[0]?.results).toHaveLength(4);
  });
});

describe('a tour that is wrong is red, and says why', () => {
  it.each([
    ['a wrong status', '# @expect status == 200', 'status is 201'],
    ['a wrong value', '# @expect body.id == "b"', 'body.id is "a-1"'],
    ['a place that is not there', '# @expect body.nothing', 'there is no body.nothing'],
    ['a header that is not there', '# @expect header allow', 'there is no header allow'],
    ['no number where one is compared', '# @expect body.id < 3', 'body.id is "a-1"'],
    ['a wait in vain', '# @until body.id == "b" within 1 s', 'body.id is "a-1"'],
    ['an expectation about nothing', '# @expect weather == "fine"', 'is about none of'],
    ['an operator that is none', '# @expect status = 201', 'is about none of'],
    ['a value that is no JSON', "# @expect body.id == 'a-1'", 'cannot be read'],
    ['an expression that is none', '# @expect text matches /(/', 'cannot be read'],
    ['a comparison with no number', '# @expect status < "300"', 'compares with no number'],
    ['a path that is none', '# @expect body..id == "a-1"', 'cannot be read'],
    ['a wait without an end', '# @until status == 201', 'how long to wait'],
    ['another word', '# @assert status == 201', 'There is no @assert'],
    ["httpyac's own loop, which loses a round", '# @loop for 3', 'There is no @loop'],
    ['no number of times', '# @times often', 'no number of times'],
    ['an empty expectation', '# @expect', 'is about none of'],
    ['nothing expected', '', 'it has no @expect'],
  ])('%s', async (_what, line, why) => {
    expect(faultsOf(await run(create(line)))).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['of no variable', '{{nobody}}'],
    ['of a request that was not sent', '{{later.response.body.$.id}}'],
    ['of a place that is not there', '{{create.response.body.$.nothing}}'],
    ['of a script', '{{1 + 1}}'],
    ['of another system', '{{$uuid}}'],
  ])('a {{…}} %s, which is not sent', async (_what, placeholder) => {
    const stops = await run(
      `${create('# @expect status == 201')}\n### Next\n# @expect status == 201\nGET {{host}}/${placeholder}\n`,
    );
    expect(faultsOf(stops)).toEqual([expect.stringContaining(placeholder)]);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['no space behind #', '#@expect status == 201'],
    ['no @', '# expect status == 201'],
  ])('a line that only looks like an expectation: %s', async (_what, line) => {
    const stops = await run(create(`# @expect status == 201\n${line}`));
    expect(faultsOf(stops)).toEqual([`line 6 is only a comment: ${line}`]);
  });

  it('a word above the first request that is none', async () => {
    const stops = await run(`# @assert status == 201\n\n${create('# @expect status == 201')}`);
    expect(faultsOf(stops)).toContainEqual(expect.stringContaining('There is no @assert'));
  });

  it('nobody answers', async () => {
    const stops = await run('### Nobody\n# @expect status == 200\nGET http://127.0.0.1:1/\n');
    expect(faultsOf(stops)).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });

  it('one bad answer of many', async () => {
    const stops = await run(create('# @times 3\n# @expect body.status == "pending"'));
    expect(faultsOf(stops)).toEqual(['body.status is "completed"']);
  });
});

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
