/** The settings of the lab: what is legal, and that everything wrong is said at once. */
import { readSettings } from '@holdfast/shared/core/config.ts';
import { expect, it } from 'vitest';
import { chain } from '../../../../chain.ts';
import { labSettings, parseServices } from '../../../server/settings.ts';

it('without any setting the lab shows the chain of npm start', () => {
  const { PORT, HOST, LAB_SERVICES } = readSettings(labSettings, {});
  expect({ PORT, HOST, places: parseServices(LAB_SERVICES) }).toEqual({
    PORT: 3010,
    HOST: '127.0.0.1',
    places: chain.map(({ name, port }) => ({ name, url: `http://127.0.0.1:${port}`, isHostName: false })),
  });
});

it('a name that comes again is another instance', () => {
  expect(parseServices('payment=http://a:3000,payment=http://[::1]:3000')).toEqual([
    { name: 'payment', url: 'http://a:3000', isHostName: false },
    { name: 'payment', url: 'http://[::1]:3000', isHostName: false },
  ]);
});

it('a host name with dns+http: stands for every address behind it', () => {
  const { LAB_SERVICES } = readSettings(labSettings, { LAB_SERVICES: 'payment=dns+http://pay_ment:3000' });
  expect(parseServices(LAB_SERVICES)).toEqual([
    { name: 'payment', url: 'http://pay_ment:3000', isHostName: true },
  ]);
});

it('every bad setting is reported at once, in a sentence', () => {
  const env = { LAB_SERVICES: 'order=ftp://x', LAB_TOKEN: 'short', LAB_HOSTS: 'a b', PORT: 'http' };
  expect(() => readSettings(labSettings, env)).toThrow(
    [
      'PORT=http is not legal: it must be a whole number from 0 to 65535.',
      'LAB_SERVICES=order=ftp://x is not legal: it must be name=http://host:port or name=dns+http://host:port, up to 64 of them, separated by commas.',
      'LAB_TOKEN is not legal: it must be 8 to 256 printable characters without a space. Its value is not shown.',
      'LAB_HOSTS=a b is not legal: it must be host names, separated by commas.',
    ].join('\n'),
  );
});

it.each([
  'order',
  'order=http://a:1/path',
  'Order=http://a',
  'a=http://b,',
  'a=http://u:p@b',
  'a=dns+http://b/c',
  'a=dns+https://b',
  '',
])('a list of services such as "%s" is refused, or empty and so the default', (list) => {
  const read = () => readSettings(labSettings, { LAB_SERVICES: list });
  if (list === '') expect(read().LAB_SERVICES).toContain('order=');
  else expect(read).toThrow('LAB_SERVICES');
});
