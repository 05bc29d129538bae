/** A client that provokes lines gets one of them a second, and the count of the others. */
import { expect, it } from 'vitest';
import { limitLog } from '../../../src/observability/limited-log.ts';
import { logRelay } from '../../../src/observability/relay-log.ts';

function createScene(quietMs?: number) {
  const written: string[] = [];
  const ends: (() => void)[] = [];
  const emit = (_fields: object, message: string) => void written.push(message);
  const log = { info: emit, warn: emit, error: emit } as unknown as Parameters<typeof limitLog>[0];
  const write = limitLog(log, {
    ...(quietMs === undefined ? {} : { quietMs }),
    after: (_ms, then) => void ends.push(then),
  });
  return {
    written,
    say: (cause: string, message = cause) => write({ cause, level: 'error', fields: {}, message }),
    /** Lets the quiet of every cause end. */
    pass: () => {
      for (const end of ends.splice(0)) end();
    },
    waiting: ends,
  };
}

it('a thousand lines of one cause are one, and one that counts the others', () => {
  const { written, say, pass } = createScene();
  for (let line = 0; line < 1000; line += 1) say('loop', `number ${line}`);
  expect(written).toEqual(['number 0']);
  pass();
  expect(written.slice(1)).toEqual(['999 more like this in 1 s: number 0']);
});

it('the line that counts is the line of its second', () => {
  const { written, say, pass, waiting } = createScene();
  for (const _ of 'ab') say('loop');
  pass();
  say('loop');
  expect(written).toHaveLength(2);
  pass();
  expect(written).toHaveLength(3);
  pass();
  say('loop');
  expect([written.length, waiting.length]).toEqual([4, 1]);
});

it('a line of another cause is written at once', () => {
  const { written, say } = createScene();
  for (const cause of ['loop', 'discovery', 'loop']) say(cause);
  expect(written).toEqual(['loop', 'discovery']);
});

it('beyond the bound all new causes count as one', () => {
  const { written, say, waiting } = createScene();
  for (let cause = 0; cause < 1000; cause += 1) say(`cause ${cause}`);
  expect([written.length, waiting.length]).toEqual([101, 101]);
});

it('documents that are put aside are told once a second, beside other news of the relay', () => {
  const written: string[] = [];
  const emit = (_fields: object, message: string) => void written.push(message);
  const news = logRelay({ warn: emit, error: emit } as unknown as Parameters<typeof logRelay>[0]);
  for (const id of ['a', 'b']) news({ kind: 'dead', id, reason: 'no use' });
  news({ kind: 'store-away', reason: 'gone' });
  expect(written).toEqual([
    '"a" is put aside until somebody replays it: no use',
    'the relay waits for the database: gone',
  ]);
});
