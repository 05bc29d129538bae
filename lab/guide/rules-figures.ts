/** The parts of docs/choosing-settings.md that need no measuring: the rules in one table, and worked examples. */
import { drawTable } from '../measure/draw-table.ts';
import { toEnvironmentLines } from '../tune/as-settings.ts';
import { drawReasons, drawTrials } from './draw-advice.ts';
import { deadlineMarginMs, deadlinePerP99, ruleConstants as rule, toPolicy } from './rules.ts';
import { readAdviseArguments } from './settings.ts';
import type { Figure } from './sweeps.ts';

/** The rules, as the code has them. */
export function toRulesFigure(): Figure {
  const rows = [
    [
      'deadline',
      'REQUEST_TIMEOUT_MS',
      `how long whoever waits for you waits; ask for at least ${deadlinePerP99} × p99, better 5 × p99`,
    ],
    [
      'attempt timeout',
      'ATTEMPT_TIMEOUT_MS',
      `${rule.timeoutPerP99} × p99, rounded up to two leading digits; at least ${rule.timeoutLeastMs} ms; at most deadline − ${deadlineMarginMs} ms`,
    ],
    [
      'attempts',
      'RETRY_ATTEMPTS',
      `${rule.attempts} (the first one and one retry); 1 where a call must not be made twice`,
    ],
    ['retry budget', 'RETRY_BUDGET_RATIO', `${rule.budgetRatio}`],
    ['threshold', 'BREAKER_THRESHOLD_RATIO', `${rule.thresholdRatio}`],
    ['calls before it may open', 'BREAKER_MIN_CALLS', `${rule.minCalls}`],
    [
      'window',
      'BREAKER_WINDOW_MS',
      `${rule.windowCalls} ÷ (rate ÷ callers ÷ instances) seconds, rounded up to two leading digits; at least ${rule.windowLeastMs} ms, at most ${rule.windowMostMs} ms`,
    ],
    ['open time', 'BREAKER_OPEN_MS', `${rule.openMs}`],
    ['longest open time', 'BREAKER_OPEN_MAX_MS', `${rule.openMs * rule.openMaxFactor}`],
    [
      'probes',
      'none',
      'one good probe closes it; a probe may take one second more than an attempt; both are the defaults',
    ],
    [
      'slots',
      'BULKHEAD_MAX',
      `${rule.slotFactor} × (rate ÷ callers) × p99 in seconds, rounded up; at least ${rule.slotsLeast}`,
    ],
    ['queue before them', 'BULKHEAD_QUEUE_MAX', `${rule.queueRatio} × slots, rounded up`],
    ['wait for a slot', 'BULKHEAD_WAIT_MS', `${rule.waitRatio} × deadline`],
  ];
  return {
    name: 'rules',
    cells: [],
    draw: () =>
      drawTable(
        ['setting', 'variable', 'value'],
        rows.map(([name = '', variable, value = '']) => [
          name,
          variable === 'none' ? 'none' : `\`${variable}\``,
          value,
        ]),
      ),
  };
}

/** What `npm run advise` answers to a command line of the document. */
export function toExampleFigure(name: string, line: string, has: { readonly trials: boolean }): Figure {
  return {
    name,
    cells: [],
    draw() {
      const { numbers } = readAdviseArguments(line.split(' '));
      const advice = toPolicy(numbers);
      const said = has.trials ? drawReasons(advice) : toEnvironmentLines(advice.policy).join('\n');
      const command = ['```sh', `npm run advise -- ${line}`, '```'].join('\n');
      const block = ['```text', ...advice.warnings.map((warning) => `Note: ${warning}`), said, '```'].join(
        '\n',
      );
      return [command, block, ...(has.trials ? [drawTrials(advice, numbers)] : [])].join('\n\n');
    },
  };
}
