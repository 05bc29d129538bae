/** The flags of `npm run canary`. */
import { expect, it } from 'vitest';
import { serviceNames } from '../../../../chain.ts';
import { readCanarySettings } from '../../../canary/settings.ts';

it('has defaults that take about a minute', () => {
  expect(readCanarySettings([])).toEqual({
    running: undefined,
    requests: 400,
    rate: 40,
    steps: [5, 25, 50, 100],
    stepMs: 10_000,
    longestMs: 60_000,
    broken: undefined,
  });
});

it('takes a running HAProxy of this machine', () => {
  const flags = ['--proxy', 'http://127.0.0.1:3000/', '--socket', '127.0.0.1:3009'];
  expect(readCanarySettings(flags)?.running).toEqual({
    url: 'http://127.0.0.1:3000',
    socket: '127.0.0.1:3009',
  });
});

it('breaks a canary with errors when nobody says how', () => {
  expect(readCanarySettings(['--break', 'payment'])?.broken).toEqual({ service: 'payment', kind: 'error' });
});

it.each([
  [['--rate', '0'], '--rate 0 is not legal: it must be a whole number from 1 to 200.'],
  [
    ['--steps', '50,25'],
    '--steps 50,25 is not legal: it must be up to 10 percentages that grow, such as 5,25,50,100.',
  ],
  [['--steps', '5,x'], '--steps x is not legal: it must be a whole number from 1 to 100.'],
  [['--break', 'bank'], `--break knows ${serviceNames.join(', ')}, not "bank".`],
  [
    ['--break', 'order', '--fault', 'fire'],
    '--fault knows error, latency, hang, reset, crash, unready, not "fire".',
  ],
  [['--fault', 'error'], '--fault needs --break SERVICE.'],
  [
    ['--proxy', 'http://127.0.0.1:3000'],
    '--proxy and --socket belong together: the door, and the runtime interface behind it.',
  ],
  [
    ['--proxy', 'http://example.com', '--socket', 'x'],
    '--proxy http://example.com is not legal: it must be an http:// URL of this machine.',
  ],
])('%j is refused in one sentence', (flags, sentence) => {
  expect(() => readCanarySettings(flags)).toThrow(sentence);
});
