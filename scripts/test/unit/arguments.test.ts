/** What npm start -- understands, and the sentence for everything else. */
import { expect, it } from 'vitest';
import { parseReplicas } from '../../start/arguments.ts';

const parse = (line: string) => parseReplicas(line.split(' ').filter(Boolean));

it.each([
  ['', {}],
  ['--replicas payment=3 --replicas shipment=2', { payment: 3, shipment: 2 }],
  ['--replicas=order=20', { order: 20 }],
  ['--replicas payment=1', { payment: 1 }],
])('npm start -- %s', (line, replicas) => {
  expect(parse(line)).toEqual(replicas);
});

it.each([
  ['--replicas invoice=2', '--replicas invoice=2 names no service: it may be order, payment, shipment.'],
  ['--replicas toString=2', '--replicas toString=2 names no service: it may be order, payment, shipment.'],
  ...['0', '21', '-1', '1.5', '1e1', 'three', ''].map((count) => [
    `--replicas payment=${count}`,
    `--replicas payment=${count} is not legal: the count must be a whole number from 1 to 20.`,
  ]),
  ['--replicas payment=2 --replicas payment=2', '--replicas names payment twice.'],
  ...['--replicas', '--replicas --help'].map((line) => [
    line,
    '--replicas needs a service and a count, as in npm start -- --replicas payment=3.',
  ]),
  ['--replicas 3', '--replicas needs a service and a count, not 3, as in npm start -- --replicas payment=3.'],
  [
    '--replicas payment=3=4',
    '--replicas needs a service and a count, not payment=3=4, as in npm start -- --replicas payment=3.',
  ],
  [
    '--replica payment=3',
    '--replica is not known here; did you mean --replicas? npm start -- --help says what is.',
  ],
  ['up', 'up is not known here: npm start -- --help says what is.'],
  [
    'payment=3',
    'payment=3 has lost its --replicas: npm passes flags on only behind --, as in npm start -- --replicas payment=3.',
  ],
])('npm start -- %s is refused in a sentence', (line, sentence) => {
  expect(() => parse(line as string)).toThrow(sentence as string);
});

it('says every mistake, one a line', () => {
  expect(() => parse('--replicas invoice=2 --replicas payment=0 --fast')).toThrow(
    [
      '--replicas invoice=2 names no service: it may be order, payment, shipment.',
      '--replicas payment=0 is not legal: the count must be a whole number from 1 to 20.',
      '--fast is not known here: npm start -- --help says what is.',
    ].join('\n'),
  );
});
