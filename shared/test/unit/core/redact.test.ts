import { expect, it } from 'vitest';
import { withoutCredentials } from '../../../src/core/redact.ts';

it.each([
  [
    'connect to mongodb://me:hunter2@db.example:27017/shop failed',
    'connect to mongodb://db.example:27017/shop failed',
  ],
  ['mongodb+srv://me:hunter2%40home@db.example', 'mongodb+srv://db.example'],
  ['mongodb://me:hun/ter2@db.example', 'mongodb://db.example'],
  ['"me:hunter2@db.example" is no URL', '"db.example" is no URL'],
  ['http://only-a-user@proxy.example:3128', 'http://proxy.example:3128'],
  ['connect ECONNREFUSED 127.0.0.1:27017', 'connect ECONNREFUSED 127.0.0.1:27017'],
])('"%s" is told as "%s"', (words, told) => {
  expect(withoutCredentials(words)).toBe(told);
});
