import { expect, it } from 'vitest';
import { drawXy } from '../../../report/figures/draw-xy.ts';
import { toSvgFile } from '../../../report/figures/to-svg-file.ts';

it('a drawing becomes a file with its own style, in both themes', () => {
  const lines = [{ name: 'a < b', points: [[0, 1] as const, [1, 2] as const] }];
  const file = toSvgFile(drawXy({ title: 'T', x: { label: 'x' }, y: { label: 'y' }, lines }));
  expect(file).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="[^"]+" role="img" /);
  const [, style = ''] = /<style>([^<]*)<\/style>/.exec(file) ?? [];
  expect(style).toMatch(/@media \(prefers-color-scheme: dark\) \{ :root \{[^{}]*\} \}/);
  expect(style.split('{').length).toBe(style.split('}').length);
  expect(style).toContain('.look-0 { stroke: var(--c0); }');
  expect(style).not.toContain('body');
  expect(file).toMatch(/<\/svg>\n$/);
});
