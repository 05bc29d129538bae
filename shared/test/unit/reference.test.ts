/** docs/reference.md is what the code says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { referencePath, toReference } from '../../../scripts/reference.ts';

const written = await toReference();

describe('docs/reference.md', () => {
  it('is up to date with the code; `npm run reference` writes it', () => {
    expect(readFileSync(referencePath, 'utf8')).toBe(written);
  });

  it.each([
    ['a setting', '| `JUMPS` | 6 | '],
    ['a setting of `npm start`', '| `PORT_BASE` | 3000 | '],
    ['an endpoint', '| `GET /orders/{id}` | One order'],
    ['an endpoint with LAB=1', '| `PUT /faults/{name}` | Asks for a failure'],
    ['an answer', '| 202 | Kept, not finished'],
    ['a problem', '| `conflict` | 409 | '],
    [
      'a metric with its labels',
      '| `breaker_transitions_total` | counter | `breaker`, `from`, `to`, `reason` | ',
    ],
    ['a metric without labels', '| `relay_pending` | gauge | | '],
  ])('has %s', (_what, row) => {
    expect(written).toContain(`\n${row}`);
  });

  it('leaves no label out', () => {
    const labels = (metric: string) =>
      written.match(new RegExp(`^\\| \`${metric}\` \\| \\w+ \\| (.*?)\\|`, 'm'))?.[1]?.trim();
    expect(labels('fallbacks_total')).toBe('`next`, `code`');
    expect(labels('http_server_request_duration_seconds')).toBe('`method`, `route`, `status`');
    expect(labels('breaker_calls_total')).toBe('`breaker`, `outcome`');
    expect(labels('faults_active')).toBe('`type`');
  });
});
