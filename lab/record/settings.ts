/** The options of `npm run record`, and where the lab is. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { freeText, wholeNumber } from '@holdfast/shared/core/command-options.ts';
import { integer, readSettings, secretText } from '@holdfast/shared/core/config.ts';
import { startPorts } from '../../chain.ts';
import { hopOption } from '../options/hop.ts';
import { recordingRanges } from '../server/recordings.ts';

/** The settings of `npm run record`. */
const recordSettings = {
  LAB_TOKEN: secretText({
    form: /^.{0,200}$/,
    range: 'the token of the lab, or nothing',
    about: 'The LAB_TOKEN of the lab.',
  }),
  PORT_BASE: integer(startPorts.base.usual, {
    ...startPorts.base,
    about: 'The PORT_BASE of the running npm start.',
  }),
};

/** How to call it. */
export const recordCommand = {
  name: 'npm run record',
  does: 'Records the calls of one hop of a running chain into a file, for npm run tune; the lab of the chain listens. Ctrl-C ends it and keeps what came.',
  options: {
    for: hopOption('whose calls'),
    seconds: wholeNumber({ ...recordingRanges.seconds, fallback: 60, about: 'how long' }),
    out: freeText({ value: 'FILE', range: 'a file', about: 'where the calls go; by default trace.jsonl' }),
    lab: freeText({
      ...{ value: 'URL', range: 'an http:// URL', form: /^https?:\/\/\S+$/ },
      about: 'where the lab is; by default that of npm start',
    }),
  },
  example: 'npm run record -- --for order→payment --seconds 60 --out calls.jsonl',
  notes:
    'Exit code 0: recorded. 2: it could not be. Settings: LAB_TOKEN, PORT_BASE. docs/traces.md says what is recorded.',
} satisfies Command;

/** What a command line asks for. */
export interface RecordArguments {
  readonly hop: string;
  readonly seconds: number;
  readonly out: string;
  /** Without a slash at the end. */
  readonly lab: string;
  readonly token: string;
}

/**
 * Reads the arguments.
 * @throws {Error} when one is not legal.
 */
export function readRecordArguments(args: readonly string[], env?: NodeJS.ProcessEnv): RecordArguments {
  const { for: hop, seconds, out = 'trace.jsonl', lab } = parseCommandLine(recordCommand, args).values;
  const settings = readSettings(recordSettings, env);
  if (hop === undefined) throw new TypeError('Say whose calls: npm run record -- --for order→payment');
  const usual = `http://127.0.0.1:${settings.PORT_BASE + startPorts.lab}`;
  return {
    ...{ seconds, out, token: settings.LAB_TOKEN },
    hop,
    lab: (lab ?? usual).replace(/\/+$/, ''),
  };
}
