/** What `npm test` says at its end, and how it counts what was skipped. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toClosingLines } from '../../closing-lines.ts';
import { countTests } from '../../steps.ts';

const passed = { status: 'passed' };
const wanting = (...missing: string[]) => ({ status: 'skipped', meta: { missing } });
const root = fileURLToPath(new URL('../../..', import.meta.url));
const report = (...assertionResults: { status: string }[]) => ({
  testResults: [{ name: join(root, 'e2e/stop.test.ts'), message: '', assertionResults }],
});
const count = (...tests: { status: string }[]) => ({
  name: 'e2e',
  seconds: '61.0',
  ...countTests(report(...tests)),
});

describe('the tests of a step', () => {
  it('are counted by what became of them, and by the programs for want of which they were skipped', () => {
    const tests = [passed, passed, { status: 'failed' }, { status: 'pending' }];
    expect(countTests(report(...tests, wanting('haproxy', 'nginx'), wanting('script')))).toEqual({
      passed: 2,
      failed: 1,
      skipped: 3,
      missing: { 'haproxy nginx': 1, script: 1 },
      failures: [expect.any(String)],
    });
  });

  it('are no longer skipped for want of a program once they run', () => {
    expect(countTests(report({ ...wanting('haproxy'), status: 'passed' })).missing).toEqual({});
  });
});

describe('the last lines', () => {
  it('are one for each step, and the sum as the very last', () => {
    expect(toClosingLines([count(passed), { ...count(passed, passed), name: 'http' }], 'apt-get')).toEqual([
      'e2e        passed    1   failed   0   skipped   0    61.0 s',
      'http       passed    2   failed   0   skipped   0    61.0 s',
      '',
      '3 passed, 0 failed, 0 skipped',
    ]);
  });

  it('name what failed, in which file and with what', () => {
    const test = {
      status: 'failed',
      fullName: 'a stop ends all',
      failureMessages: ['Error: 1 is left\n at x'],
    };
    const broken = {
      testResults: [{ name: join(root, 'e2e/a.test.ts'), message: 'no', assertionResults: [] }],
    };
    const results = [count(passed, test), { ...count(), ...countTests(broken) }];
    expect(toClosingLines(results, undefined).slice(3)).toEqual([
      'failed: e2e/stop.test.ts > a stop ends all: Error: 1 is left',
      'failed: e2e/a.test.ts: no',
      '',
      '1 passed, 1 failed, 0 skipped',
    ]);
  });

  it('say how many were skipped, for want of what, and the one command that installs it', () => {
    const results = [
      count(passed, wanting('haproxy')),
      count(wanting('haproxy'), wanting('haproxy', 'nginx')),
    ];
    expect(toClosingLines(results, 'brew').slice(3)).toEqual([
      '2 skipped for want of haproxy: brew install haproxy',
      '1 skipped for want of haproxy and nginx: brew install haproxy nginx',
      '',
      '1 passed, 0 failed, 3 skipped',
    ]);
  });

  it.each([
    ['apt-get', 'haproxy', /^(sudo )?apt-get install --yes --no-install-recommends haproxy$/],
    ['dnf', 'nginx', /^(sudo )?dnf install --assumeyes nginx$/],
    ['apk', 'chromium', /^(sudo )?apk add chromium$/],
    ['brew', 'chromium', /^brew install google-chrome$/],
    ['apt-get', 'kubectl', /^see https:\/\/kubernetes\.io\//],
    [undefined, 'haproxy', /^install HAProxy, or name it with HAPROXY=\/path\/to\/haproxy$/],
  ] as const)('have the words of %s for %s', (manager, program, words) => {
    const line = toClosingLines([count(wanting(program))], manager).at(-3);
    expect(line?.replace(`1 skipped for want of ${program}: `, '')).toMatch(words);
  });
});
