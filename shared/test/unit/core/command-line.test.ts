/** The arguments of a command: what is legal, the sentence for everything else, and the help. */
import { describe, expect, it } from 'vitest';
import { type Command, parseCommandLine, readArguments, toHelp } from '../../../src/core/command-line.ts';
import {
  freeText,
  numberList,
  toggle,
  UsageError,
  wholeNumber,
  word,
  words,
} from '../../../src/core/command-options.ts';

const command = {
  name: 'npm run cook',
  does: 'Cooks a soup.',
  options: {
    seconds: wholeNumber({ value: 'SECONDS', min: 1, max: 60, fallback: 5, about: 'how long it boils' }),
    'most-salt': wholeNumber({ min: 0, max: 9, about: 'pinches of salt' }),
    herb: word(['basil', 'dill'], { value: 'HERB', fallback: 'dill', about: 'what is strewn on it' }),
    roots: words(['carrot', 'leek', 'celery'], { value: 'ROOT,…', about: 'what is in it' }),
    recipe: freeText({ value: 'FILE', range: 'a file', form: /^[^!]+$/, about: 'where it is written' }),
    hot: toggle('serves it at once'),
  },
  example: 'npm run cook -- --seconds 30',
  notes: 'Exit code 0: it is good.',
} satisfies Command;
const plates = { value: 'PLATE', what: 'plate', about: 'a plate to fill', count: 'many' } as const;
const eating = { ...command, operands: plates };

const parse = (line: string) => parseCommandLine(command, line.split(' ').filter(Boolean));

it('has the defaults when nothing is said', () => {
  expect(parse('')).toEqual({
    values: {
      seconds: 5,
      'most-salt': undefined,
      herb: 'dill',
      roots: ['carrot', 'leek', 'celery'],
      recipe: undefined,
      hot: false,
    },
    operands: [],
  });
});

it('takes values behind a space or an equals sign; the last one counts, and no word of a list counts twice', () => {
  const { values } = parse(
    '--seconds=60 --seconds 7 --hot --roots leek,carrot,leek --recipe=a=b --herb basil',
  );
  expect(values).toMatchObject({
    seconds: 7,
    hot: true,
    roots: ['leek', 'carrot'],
    recipe: 'a=b',
    herb: 'basil',
  });
});

it.each([
  ['--seconds 61', '--seconds 61 is not legal: it must be a whole number from 1 to 60.'],
  ['--seconds 1e1', '--seconds 1e1 is not legal: it must be a whole number from 1 to 60.'],
  ['--seconds -1', '--seconds -1 is not legal: it must be a whole number from 1 to 60.'],
  ['--seconds= ', '--seconds  is not legal: it must be a whole number from 1 to 60.'],
  ['--recipe !', '--recipe ! is not legal: it must be a file.'],
  ['--herb mint', '--herb knows basil, dill, not "mint".'],
  ['--roots leek,mint', '--roots knows carrot, leek, celery, not "mint".'],
  ['--seconds', '--seconds needs a whole number from 1 to 60, as in npm run cook -- --seconds 30.'],
  ['--seconds --hot', '--seconds needs a whole number from 1 to 60, as in npm run cook -- --seconds 30.'],
  ['--recipe', '--recipe needs a file.'],
  ['--hot=yes', '--hot takes no value.'],
  ['--hto', '--hto is not known here; did you mean --hot? npm run cook -- --help says what is.'],
  ['--second 3', '--second is not known here; did you mean --seconds? npm run cook -- --help says what is.'],
  ['--salt', '--salt is not known here; did you mean --most-salt? npm run cook -- --help says what is.'],
  ['--hepl', '--hepl is not known here; did you mean --help? npm run cook -- --help says what is.'],
  ['--help=1', '--help takes no value.'],
  ['--constructor', '--constructor is not known here: npm run cook -- --help says what is.'],
  ['-x', '-x is not known here: npm run cook -- --help says what is.'],
  ['soup', 'soup is not known here: npm run cook -- --help says what is.'],
])('%s is refused in a sentence', (line, sentence) => {
  expect(() => parse(line)).toThrow(new UsageError(sentence));
});

it('says every mistake, one a line', () => {
  expect(() => parse('--seconds 0 --herb mint --fast')).toThrow(
    [
      '--seconds 0 is not legal: it must be a whole number from 1 to 60.',
      '--herb knows basil, dill, not "mint".',
      '--fast is not known here: npm run cook -- --help says what is.',
    ].join('\n'),
  );
});

describe('words without an option', () => {
  it('are taken, and behind -- whatever they look like', () => {
    expect(parseCommandLine(eating, ['deep', '--hot', '--', '--flat']).operands).toEqual(['deep', '--flat']);
    expect(parseCommandLine(eating, []).operands).toEqual([]);
  });

  it.each([[[]], [['deep', 'flat']]])('are refused where exactly one is needed: %j', (args) => {
    const one = { ...eating, operands: { ...plates, count: 'one' as const } };
    expect(parseCommandLine(one, ['deep']).operands).toEqual(['deep']);
    expect(() => parseCommandLine(one, args)).toThrow('Say which plate: npm run cook -- PLATE');
  });

  it('are answered with a hint of the command, if it has one', () => {
    const hinting = { ...command, hint: (said: string) => (said === 'water' ? 'It is soup.' : undefined) };
    expect(() => parseCommandLine(hinting, ['water', 'stone'])).toThrow(
      'It is soup.\nstone is not known here: npm run cook -- --help says what is.',
    );
  });
});

it('explains itself', () => {
  expect(
    toHelp(eating),
  ).toBe(`Usage: npm run cook -- [PLATE…] [--seconds SECONDS] [--most-salt N] [--herb HERB] [--roots ROOT,…] [--recipe FILE] [--hot]

Cooks a soup.

  PLATE              a plate to fill
  --seconds SECONDS  how long it boils; a whole number from 1 to 60 (default: 5)
  --most-salt N      pinches of salt; a whole number from 0 to 9
  --herb HERB        what is strewn on it; one of basil, dill (default: dill)
  --roots ROOT,…     what is in it; some of carrot, leek, celery (default: all)
  --recipe FILE      where it is written
  --hot              serves it at once
  --help             says this

Example: npm run cook -- --seconds 30

Exit code 0: it is good.`);
});

it('breaks long lines of its help between words', () => {
  const about = Array.from({ length: 30 }, () => 'word').join(' ');
  const lines = toHelp({ ...command, options: { hot: toggle(about) } }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(lines.filter((line) => line.includes('word')).map((line) => line.search('word'))).toEqual([10, 10]);
});

describe('a process', () => {
  class Ended extends Error {}
  function run(args: readonly string[]) {
    const seen: unknown[] = [];
    const terminal = {
      announce: (text: string) => void seen.push(['stdout', text]),
      complain: (text: string) => void seen.push(['stderr', text]),
      end: (code: number): never => {
        seen.push(code);
        throw new Ended();
      },
    };
    try {
      seen.push(
        readArguments(command, (given) => parseCommandLine(command, given).values.hot, terminal, args),
      );
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
    return seen;
  }

  it('gets what was read', () => {
    expect(run(['--hot'])).toEqual([true]);
  });

  it.each([[['--help']], [['-h']], [['--fast', '--help']]])('ends with 0 after the help for %j', (args) => {
    expect(run(args)).toEqual([['stdout', toHelp(command)], 0]);
  });

  it('ends with 2 after a bad call', () => {
    expect(run(['--hot=1'])).toEqual([['stderr', '--hot takes no value.'], 2]);
  });
});

describe('a list of numbers', () => {
  const grow = (numbers: readonly number[]) => numbers.every((one, at) => one > (numbers[at - 1] ?? 0));
  const range = 'up to 3 numbers that grow';
  const steps = { min: 1, max: 9, most: 3, fallback: [1], about: 'how' };
  const read = (text: string, more = {}) => numberList({ ...steps, ...more }).read([text]);

  it('has each once', () => {
    expect(read('3,1, 3')).toEqual([3, 1]);
    expect(numberList(steps).read([])).toEqual([1]);
  });

  it.each([
    ['1,10', {}, '10 is not legal: it must be a whole number from 1 to 9.'],
    ['1,2,3,4', {}, '1,2,3,4 is not legal: it must be at most 3, each a whole number from 1 to 9.'],
    ['2,1', { check: grow, range }, '2,1 is not legal: it must be up to 3 numbers that grow.'],
  ])('refuses %s', (text, more, sentence) => {
    expect(() => read(text, more)).toThrow(new UsageError(sentence));
  });
});
