/**
 * `npm run test:http`: sends every request of tests.http to a chain of its own and compares the answers with what the
 * file expects. With `--report FILE` the counts are written there, for `npm test`.
 *
 * The breakers of that chain probe sooner than usual; the file waits for states, not for times.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { serviceNames } from '../chain.ts';
import { type Chain, startChain } from '../e2e/chain.ts';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { freeText } from '../shared/src/core/command-options.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { type RequestResult, runTour } from './tour/run-tour.ts';

const file = 'tests.http';
const command = {
  name: 'npm run test:http',
  does: 'Sends every request of tests.http to a chain of its own, and compares the answers with what the file expects.',
  options: {
    report: freeText({ value: 'FILE', range: 'a file', about: 'where to write the counts as JSON' }),
  },
  example: 'npm run test:http',
  notes: 'Exit code 1: an expectation was not met.',
} satisfies Command;
const { report } = readArguments(command, (args) => parseCommandLine(command, args).values, {
  announce,
  complain,
});

const startedAt = performance.now();
const chain = await startChain({ LAB: '1', BREAKER_OPEN_MS: '3000', BREAKER_OPEN_MAX_MS: '5000' });
const requests = await runTour(withChainUrls(readFileSync(file, 'utf8'), chain), {
  fileName: file,
  onResult: printResult,
}).finally(chain.stop);

const results = requests.flatMap((request) =>
  request.results.map((result) => ({ ...result, title: request.title })),
);
const failures = results.flatMap(({ title, text, fault }) =>
  fault === undefined ? [] : [`tests.http > ${title}: ${text}: ${fault}`.split('\n', 1)[0] as string],
);
const failed = failures.length;
const passed = results.length - failed;
if (report !== undefined) writeFileSync(report, JSON.stringify({ passed, failed, failures }));
announce(
  `\n${requests.length} requests, ${passed} expectations met, ${failed} not, ${seconds(performance.now() - startedAt)}`,
);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

/** Replaces the hosts in the file by those of a chain. */
function withChainUrls(text: string, { url }: Chain): string {
  return serviceNames.reduce((rest, part) => {
    const line = new RegExp(`^@${part} = .*$`, 'm');
    if (!line.test(rest))
      throw new Error(`${file} does not say where ${part} is, as in "@${part} = http://…".`);
    return rest.replace(line, `@${part} = ${url(part)}`);
  }, text);
}

function printResult({ title, status, ms, results }: RequestResult): void {
  const faults = results.filter(({ fault }) => fault !== undefined);
  announce(`${faults.length === 0 ? '✓' : '✗'} ${title.padEnd(60)} ${status ?? 'no answer'}  ${seconds(ms)}`);
  for (const { text, fault } of faults) announce(`    expected ${text}\n    but ${fault}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
