/** `--for`, as every command reads it. */
import { expect, it } from 'vitest';
import { readRecordArguments } from '../../../record/settings.ts';
import { readTuneArguments } from '../../../tune/settings.ts';

const tune = (hop: string) => readTuneArguments(['--rate', '80', '--fault', 'down:5s', '--for', hop]).for;
const record = (hop: string) => readRecordArguments(['--for', hop], {}).hop;

it.each([
  ['tune', tune],
  ['record', record],
])('npm run %s takes a hop with either arrow, and nothing else', (_name, read) => {
  expect([read('order→payment'), read('order->payment')]).toEqual(['order→payment', 'order→payment']);
  expect(() => read('order')).toThrow(
    'order is not legal: it must be caller and neighbour, as order→payment.',
  );
});
