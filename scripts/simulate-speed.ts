/**
 * `npm run simulate-speed`: how long it takes to try many settings in virtual time, on one core.
 *
 * The time is that of the processor, so that a busy machine measures the same.
 */
import { type Command, parseCommandLine, readArguments } from '../shared/src/core/command-line.ts';
import { wholeNumber } from '../shared/src/core/command-options.ts';
import { announce, complain } from '../shared/src/observability/log.ts';
import { simulate } from '../shared/src/resilience/model/simulate.ts';

const command = {
  name: 'npm run simulate-speed',
  does: 'Simulates many settings against a neighbour that is slow for a while, and prints how long that took.',
  options: {
    settings: wholeNumber({ min: 1, max: 10_000, fallback: 256, about: 'how many settings' }),
    seconds: wholeNumber({ min: 20, max: 3600, fallback: 60, about: 'virtual seconds of each run' }),
    rate: wholeNumber({ min: 1, max: 1000, fallback: 80, about: 'calls a second' }),
    instances: wholeNumber({ min: 1, max: 100, fallback: 1, about: 'instances of the neighbour' }),
  },
  example: 'npm run simulate-speed -- --settings 1000',
  notes:
    'A third of the settings has no breaker, and a quarter makes four attempts, so that retries pile up.',
} satisfies Command;

const { settings, seconds, rate, instances } = readArguments(
  command,
  (args) => parseCommandLine(command, args).values,
  { announce, complain },
);
const scenario = {
  seconds,
  ratePerSecond: rate,
  neighbour: { instances, serviceMs: { p50: 80, p99: 200 } },
  faults: [{ type: 'slow', factor: 3, fromMs: 10_000, forMs: 8000 }],
} as const;

const before = process.cpuUsage();
let [calls, sent] = [0, 0];
for (let index = 0; index < settings; index += 1) {
  const breaker = index % 3 === 0 ? null : { openMs: 1000 + 20 * (index % 256) };
  const policy = { attempts: 1 + (index % 4), attemptTimeoutMs: 300 + 5 * (index % 256), breaker };
  const outcome = simulate(policy, scenario);
  calls += outcome.calls;
  sent += outcome.sent;
}
const { user, system } = process.cpuUsage(before);
const tookMs = (user + system) / 1000;
const inWords = (count: number) => count.toLocaleString('en-GB');
announce(
  `${settings} settings × ${seconds} s × ${rate} calls/s: ${inWords(calls)} calls and ${inWords(sent)} attempts took ` +
    `${(tookMs / 1000).toFixed(1)} s of one core, ${(tookMs / settings).toFixed(1)} ms for each setting.`,
);
