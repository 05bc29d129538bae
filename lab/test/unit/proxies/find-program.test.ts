/** Programs that a machine may lack. */
import { expect, it } from 'vitest';
import { findProxy } from '../../../proxies/find-program.ts';

it.each(['haproxy', 'nginx'] as const)('takes the %s that a setting names', (name) => {
  expect(findProxy(name, { [name.toUpperCase()]: process.execPath })).toBe(process.execPath);
});

it('says in one sentence that what a setting names is no program', () => {
  expect(() => findProxy('haproxy', { HAPROXY: '/nowhere/haproxy' })).toThrow(
    'HAPROXY=/nowhere/haproxy is no file that can be executed.',
  );
});
