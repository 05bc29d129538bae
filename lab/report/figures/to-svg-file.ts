/** A drawing as a file of its own, for a document: with the style of the page in it, readable in both themes. */
import { pageStyle } from '../page-style.ts';

/** The drawing with its style; a program that shows it needs nothing else. */
export function toSvgFile(svg: string): string {
  const own = 'svg { background: var(--ground); font: 11px system-ui, "DejaVu Sans", sans-serif; }';
  return svg
    .replace(
      /^<svg ([^>]*)>/,
      (_, attributes: string) =>
        `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><style>${toSvgRules(pageStyle)}${own}</style>`,
    )
    .concat('\n');
}

/** The colours, and the rules for what is in a drawing: those of the page would be read as text of it. */
function toSvgRules(style: string): string {
  const rules =
    style.match(/\s*@media \(prefers-color-scheme[^{]*\{[^{]*\{[^}]*\} *\}|[^{}]+\{[^}]*\}/g) ?? [];
  const known = /^(:root|@media \(prefers|svg text|\.(axis|grid|line|look|heat|ring|dot|zero|whisker|span))/;
  return rules
    .map((rule) => rule.trim())
    .filter((rule) => known.test(rule))
    .join('\n');
}
