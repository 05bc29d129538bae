/** The tables of docs/experiments.md, from where the code reads what they say; `npm run reference` writes them there. */
import { drawTable } from '../measure/draw-table.ts';
import { listMembers } from './known-members.ts';
import { measures } from './measures.ts';

const units = {
  share: 'share, 0 to 1',
  ms: 'milliseconds',
  count: 'a number',
  times: 'for each call',
} as const;

/** Replaces the tables of the page; what is outside of their marks stays. */
export function withTables(page: string): string {
  return Object.entries({ members: toMembers(), measures: toMeasures() }).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`),
        (_all, begin: string, end: string) => `${begin}\n${table}\n\n${end}`,
      ),
    page,
  );
}

function toMembers(): string {
  const rows = listMembers().map(({ place, form, isRequired, about }) => [
    `\`${place}\`${isRequired ? ' *' : ''}`,
    form.replaceAll('|', '\\|'),
    about,
  ]);
  return drawTable(['member', 'what it is', 'meaning'], rows);
}

function toMeasures(): string {
  const rows = Object.entries(measures).map(([name, { about, unit }]) => [`\`${name}\``, units[unit], about]);
  return drawTable(['measure', 'unit', 'meaning'], rows);
}
