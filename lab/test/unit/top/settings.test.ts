/** What `npm run top` is told on its command line and by the environment. */
import { expect, it } from 'vitest';
import { chain } from '../../../../chain.ts';
import { readTopPlan } from '../../../top/settings.ts';

it('watches the services of npm start', () => {
  expect(readTopPlan([], { PORT_BASE: '4400' })).toEqual({
    urls: chain.map((_, index) => `http://127.0.0.1:${4400 + index}`),
    color: true,
    dumb: false,
  });
});

it('prefers the command line to TOP_SERVICES, and TOP_SERVICES to PORT_BASE', () => {
  const env = {
    TOP_SERVICES: 'http://a:1/,http://b:2/part/',
    PORT_BASE: '4400',
    NO_COLOR: '1',
    TERM: 'dumb',
  };
  expect(readTopPlan([], env)).toEqual({ urls: ['http://a:1', 'http://b:2/part'], color: false, dumb: true });
  expect(readTopPlan(['https://c', 'https://c/'], env)?.urls).toEqual(['https://c']);
});

it.each([
  [
    ['localhost:3000'],
    '"localhost:3000" is not the http:// URL of a service, such as http://127.0.0.1:3000.',
  ],
  [['ftp://a'], '"ftp://a" is not the http:// URL of a service, such as http://127.0.0.1:3000.'],
  [['http://u:p@a'], '"http://u:p@a" is not the http:// URL of a service, such as http://127.0.0.1:3000.'],
  [['--all'], '--all is not known here: npm run top -- --help says what is.'],
  [Array.from({ length: 33 }, (_, index) => `http://a:${index + 1}`), 'At most 32 services can be watched.'],
])('refuses %j', (args, sentence) => {
  expect(() => readTopPlan(args, {})).toThrow(sentence);
});

it('names a setting that is not legal', () => {
  expect(() => readTopPlan([], { PORT_BASE: '0' })).toThrow(
    'PORT_BASE=0 is not legal: it must be a whole number from 1 to 65500.',
  );
});
