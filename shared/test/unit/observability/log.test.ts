/** Whatever a field holds, an event is one line, and none of it steers a terminal. */
import { describe, expect, it } from 'vitest';
import { createLog } from '../../../src/observability/log.ts';

const steering = [
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, code) => 0x7f + code),
  ...[0x2028, 0x2029, 0x061c, 0x200e, 0x200f, 0xfeff],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
];
const hostile = `a${String.fromCharCode(...steering)}z`;

function write(format: 'pretty' | 'json', service = 'front') {
  const lines: string[] = [];
  const out = { write: (line: string) => void lines.push(line) };
  const log = createLog({ service, format, level: 'debug', color: false }, out);
  return { log, read: () => lines.join('') };
}

/** What steers in a text, the end of the line excepted. */
function steers(text: string): string[] {
  return [...text.replace(/\n$/, '')].filter((one) => steering.includes(one.charCodeAt(0)));
}

describe.each(['pretty', 'json'] as const)('a line that is %s', (format) => {
  it.each([
    ['its message', {}, hostile],
    ['a field', { id: hostile }, 'said'],
    ['the name of a field', { [hostile]: 1 }, 'said'],
    ['a field in a field', { relay: { reason: hostile, hops: [hostile] } }, 'said'],
  ])('steers nothing by %s', (_what, fields, message) => {
    const { log, read } = write(format);
    log.error(fields, message);
    expect(steers(read())).toEqual([]);
    expect(read().endsWith('\n')).toBe(true);
  });

  it('steers nothing by the name of the service', () => {
    const { log, read } = write(format, hostile);
    log.info('said');
    expect(steers(read())).toEqual([]);
  });
});

it('JSON says what was said', () => {
  const { log, read } = write('json');
  log.error({ id: hostile, err: new Error(hostile) }, hostile);
  expect(JSON.parse(read())).toMatchObject({ id: hostile, msg: hostile, err: { message: hostile } });
});

it('a stack is indented, so that a message with line breaks forges no line', () => {
  const { log, read } = write('pretty');
  log.error({ err: new Error('first\n12:00:00.000 front    forged\u009b2J') }, 'a defect');
  const [first, ...others] = read().trimEnd().split('\n');
  expect(first).toMatch(/^\d\d:\d\d:\d\d\.\d{3} front {4}a defect$/);
  expect(others.every((line) => line.startsWith('    '))).toBe(true);
  expect(others.flatMap(steers)).toEqual([]);
});
