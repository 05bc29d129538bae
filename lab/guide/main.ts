/**
 * `npm run advise`: settings for a service, from its numbers. The options are in settings.ts, the rules in rules.ts, the
 * measurements behind them in docs/choosing-settings.md.
 *
 * Exit code 0: advised. 2: the numbers are not legal, or the settings could not be tried on real processes.
 */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { endOnSignal } from '../processes/end-on-signal.ts';
import { drawConfirmation } from './confirm.ts';
import { drawAdvice, drawTrials } from './draw-advice.ts';
import { toPolicy } from './rules.ts';
import { adviseCommand, readAdviseArguments } from './settings.ts';

const { numbers, isJson, isConfirmed } = readArguments(adviseCommand, readAdviseArguments, {
  announce,
  complain,
});
endOnSignal();
const advice = toPolicy(numbers);
try {
  if (isJson) announce(JSON.stringify(advice, undefined, 2));
  else await tell();
} catch (error) {
  complain(`It could not be tried: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

async function tell(): Promise<void> {
  announce(drawAdvice(advice));
  complain('\nSimulating four faults with the defaults and with these settings …');
  announce(`\n${drawTrials(advice, numbers)}`);
  if (!isConfirmed) return;
  const drawn = await drawConfirmation(advice, numbers, (fault) =>
    complain(`\nOn real processes: ${fault} …`),
  );
  announce(`\n${drawn}`);
}
