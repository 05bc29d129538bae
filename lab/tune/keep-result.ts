/** Leaves the result where the lab shows it beside the settings of the hop. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { integer, readSettings, text } from '@holdfast/shared/core/config.ts';
import { startPorts } from '../../chain.ts';
import type { TuneResult } from './result.ts';

const settings = {
  LAB_DATA_DIR: text('', {
    form: /^[^\0]{0,1024}$/,
    range: 'a folder, or nothing',
    about: 'The folder of the lab.',
  }),
  DATA_DIR: text('./data', { form: /^[^\0]{1,1024}$/, range: 'a folder', about: 'The folder of npm start.' }),
  PORT_BASE: integer(startPorts.base.usual, { ...startPorts.base, about: 'The PORT_BASE of npm start.' }),
};

/**
 * Keeps the result in `LAB_DATA_DIR`, or, for a hop of a chain, in the folder that `npm start` gave the lab; gives the file, or
 * `null` where there is no lab to show it.
 */
export function keepResult(result: TuneResult, isOfChain: boolean, env?: NodeJS.ProcessEnv): string | null {
  const { LAB_DATA_DIR, DATA_DIR, PORT_BASE } = readSettings(settings, env);
  const usual = join(DATA_DIR, `lab-${PORT_BASE + startPorts.lab}`);
  const folder = LAB_DATA_DIR !== '' ? LAB_DATA_DIR : isOfChain && existsSync(usual) ? usual : null;
  if (folder === null) return null;
  const place = join(folder, 'tune');
  mkdirSync(place, { recursive: true });
  // A trace of a stranger names its hop as it likes.
  const file = join(place, `${result.hop.replaceAll(/[^\w→-]/g, '_').slice(0, 100)}.json`);
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(result)}\n`);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}
