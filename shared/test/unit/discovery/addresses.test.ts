/** CHAIN_SVC: what it may look like, and where it leads. */
import { describe, expect, it } from 'vitest';
import { addressesForm, parseAddresses } from '../../../src/discovery/addresses.ts';

describe('an address leads to', () => {
  it.each([
    ['http://127.0.0.1:3001/create', { kind: 'fixed', url: 'http://127.0.0.1:3001/create' }],
    [
      'dns+http://depot.example:3000/other',
      { kind: 'dns', host: 'depot.example', port: 3000, path: '/other' },
    ],
    ['dns+http://depot', { kind: 'dns', host: 'depot', port: 80, path: '/create' }],
    ['dns+http://depot/', { kind: 'dns', host: 'depot', port: 80, path: '/create' }],
    ['local+http://depot/other', { kind: 'local', name: 'depot', path: '/other' }],
    ['local+http://depot', { kind: 'local', name: 'depot', path: '/create' }],
  ])('%s', (text, address) => {
    expect(parseAddresses(text)).toEqual([address]);
  });

  it('several instances, in their sequence', () => {
    expect(parseAddresses('http://a/create,local+http://b')).toEqual([
      { kind: 'fixed', url: 'http://a/create' },
      { kind: 'local', name: 'b', path: '/create' },
    ]);
  });

  it('nowhere when there is none', () => {
    expect(parseAddresses('')).toEqual([]);
  });

  it('a fixed place even when another scheme is in its path', () => {
    expect(parseAddresses('http://a/dns+http')).toEqual([{ kind: 'fixed', url: 'http://a/dns+http' }]);
  });
});

describe('the form', () => {
  it.each([
    'http://127.0.0.1:3001/create',
    'https://Back-1.example',
    'http://[::1]:3001/create',
    'http://[fe80::1:2]/',
    'dns+http://depot_1.example:65535/create',
    'dns+http://9depot',
    'local+http://depot-2/a/b',
    'local+http://a',
    `local+http://${'a'.repeat(32)}`,
    'http://a,https://b:1/create,dns+http://c,local+http://d',
  ])('allows %s', (text) => {
    expect(addressesForm.test(text)).toBe(true);
  });

  it.each([
    '',
    'back:3001/create',
    'ftp://back/create',
    'xhttp://back/create',
    'http://',
    'http:///create',
    'http://back:/create',
    'http://back:123456/create',
    'http://back:80a/create',
    'http://[::1/create',
    'http://[xyz]/create',
    'http://back/create?count=1',
    'http://back/create#top',
    'http://back/cre ate',
    'http://back,',
    ',http://back',
    'http://back,,http://other',
    'http://back,other',
    'http://back http://other',
    'http://under_score/create',
    'dns+https://depot',
    'dns+http://-depot',
    'dns+http://',
    'local+http://Depot',
    'local+http://9depot',
    'local+http://depot:3000',
    `local+http://${'a'.repeat(33)}`,
  ])('refuses %j', (text) => {
    expect(addressesForm.test(text)).toBe(false);
  });
});
