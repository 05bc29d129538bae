/** The model runs in a worker and in a page: nothing that it loads is of Node or of a package. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('loads nothing but plain modules of resilience', () => {
  const loaded = new Map<string, string[]>();
  load(new URL('../../../../src/resilience/model/simulate.ts', import.meta.url));
  expect(loaded.size).toBeGreaterThan(15);
  expect([...loaded].filter(([, names]) => names.some((name) => !name.startsWith('.')))).toEqual([]);

  function load(url: URL): void {
    if (loaded.has(url.href)) return;
    const text = readFileSync(url, 'utf8');
    // Types are gone when it runs.
    const names = [...text.matchAll(/^(?:import|export)(?! type)[^;]*? from\s'([^']+)';$/gm)].map(
      ([, name]) => `${name}`,
    );
    loaded.set(url.href, names);
    for (const name of names) if (name.startsWith('.')) load(new URL(name, url));
  }
});
