/** Programs that a machine may lack. */
import { expect, it } from 'vitest';
import { demandProxies, findProxy } from '../../../proxies/find-program.ts';

it.each(['haproxy', 'nginx'] as const)('takes the %s that a setting names', (name) => {
  expect(findProxy(name, { [name.toUpperCase()]: process.execPath })).toBe(process.execPath);
});

it('says in one sentence that what a setting names is no program', () => {
  expect(() => findProxy('haproxy', { HAPROXY: '/nowhere/haproxy' })).toThrow(
    'HAPROXY=/nowhere/haproxy is no file that can be executed.',
  );
});

it('names every program that is missing at once, with what installs it', () => {
  const env = { PATH: '', HAPROXY: '/nowhere/haproxy', NGINX: '/nowhere/nginx' };
  expect(() => demandProxies(['nginx', 'haproxy', 'nginx'], env)).toThrow(
    'NGINX=/nowhere/nginx is no file that can be executed.\nHAPROXY=/nowhere/haproxy is no file that can be executed.',
  );
  expect(() => demandProxies([], env)).not.toThrow();
});
