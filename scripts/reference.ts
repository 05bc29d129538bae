/**
 * Writes docs/reference.md from the code: settings, endpoints, answers, problems and metrics; and the tables of
 * docs/experiments.md.
 *
 *     npm run reference
 *
 * A unit test fails when the page is out of date. Nobody edits it by hand; the words come from where the code reads them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from '../lab/experiment/describe.ts';
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { problemPages } from '../shared/src/core/problem.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { describeEndpoints } from './reference/endpoints.ts';
import { describeMetrics } from './reference/metrics.ts';
import { describeSettings } from './reference/settings.ts';
import { toTable } from './reference/table.ts';

/** Where the page is. */
export const referencePath = new URL('../docs/reference.md', import.meta.url);
const experimentsPath = new URL('../docs/experiments.md', import.meta.url);

/** The whole page. */
export async function toReference(): Promise<string> {
  return `# Reference

Written by \`npm run reference\` from the code; do not edit. A test fails when this page is out of date.

- [Settings](#settings)
- [Endpoints](#endpoints)
- [Answers to a create](#answers-to-a-create)
- [Problems](#problems)
- [Metrics](#metrics)

## Settings

Environment variables, read once at the start; every illegal value is reported at once, with its range. \`NAME_FILE\` names a
file that holds the value of \`NAME\`, for secrets. \`npm start\` takes them for one service alone with its name in front, as
\`PAYMENT_PORT\`; in containers each service has its own environment. *The original* is
[the project](https://github.com/casimon-rh/gs-nodejs-demo3) that this one grew from.

${describeSettings()}
The embedded database has [settings of its own](../embedded-mongo/README.md#run-it).

${describeEndpoints()}
## Problems

Every answer from 400 on is a problem (RFC 9457): \`type\` is \`/problems/\` and the code, and \`saved\` says whether the document is
kept: true, false, or null for unknown. Repeating a create unchanged is always safe.

${toTable(
  ['code', 'status', 'title', 'what to do'],
  Object.entries(problemPages).map(([code, { status, title, explanation }]) => [
    `\`${code}\``,
    status,
    title,
    explanation,
  ]),
)}
## Metrics

\`GET /metrics\` has them for Prometheus, each with the label \`service\`, and \`process_…\` and \`nodejs_…\` of the process beside them.
[metrics.md](metrics.md) says how to read them.

${await describeMetrics()}`;
}

const command = {
  name: 'npm run reference',
  does:
    'Writes docs/reference.md from the code: settings, endpoints, answers, problems and metrics; and the tables of ' +
    'docs/experiments.md.',
  options: {},
  example: 'npm run reference',
} satisfies Command;

if (import.meta.main) {
  readArguments(command, (args) => parseCommandLine(command, args), { announce, complain });
  writeFileSync(referencePath, await toReference());
  writeFileSync(experimentsPath, withTables(readFileSync(experimentsPath, 'utf8')));
  announce('docs/reference.md and the tables of docs/experiments.md are up to date.');
}
