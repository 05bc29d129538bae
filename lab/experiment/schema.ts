/**
 * The schema of an experiment: meaning, unit, range and default of every member.
 *
 * The JSON Schema (`--schema`) and the tables in docs/experiments.md are made from it; parse-experiment.ts says what is wrong
 * with a file, contradictions.ts what does not fit together in it.
 */
import { z } from 'zod';
import { measureNames } from './measures.ts';
import { policySchema } from './policy-schema.ts';
import { faultsSchema, loadSchema, neighbourSchema } from './scenario-schema.ts';
import { isObject, number, text } from './schema-forms.ts';

const isMeasure = { error: `Must be a measure: ${measureNames.join(', ')}.` };

const hypothesis = z
  .strictObject(
    {
      measure: z.enum(measureNames, isMeasure).describe('What is measured: one of the measures below.'),
      of: text({ max: 40 }).describe('The arm that is judged.'),
      atMost: z
        .number({ error: 'Must be a number.' })
        .optional()
        .describe('Its bound from above; either this or `atLeast`.'),
      atLeast: z.number({ error: 'Must be a number.' }).optional().describe('Its bound from below.'),
      times: text({ max: 40 })
        .optional()
        .describe('The bound is so many times what this other arm measures.'),
      above: text({ max: 40 })
        .optional()
        .describe('The bound is so much above what this other arm measures; a negative bound is below it.'),
    },
    isObject,
  )
  .describe(
    'What is claimed, as a number: `{measure: "failed", of: "experiment", atMost: 0.5, times: "control"}` is "the failed share of ' +
      'experiment is at most half that of control". Without `times` and `above` the bound is the number itself.',
  );

const arm = z
  .strictObject(
    {
      policy: policySchema.optional(),
      neighbour: neighbourSchema.optional(),
      faults: faultsSchema.optional(),
      fallback: z
        .boolean({ error: 'Must be true or false.' })
        .optional()
        .describe('Whether a call that fails is answered with something else, which is a good answer.'),
    },
    isObject,
  )
  .describe('What this arm has different from the rest of the file.');

/** The schema. */
export const experimentSchema = z.strictObject(
  {
    $schema: z.string().optional().describe('For an editor; not read.'),
    title: text({ max: 200 }).describe('What is compared.'),
    shows: text({ max: 1000 }).optional().describe('What the result means, in a sentence.'),
    hypothesis,
    load: loadSchema,
    seconds: number({ min: 1, max: 600 }).describe('How long calls come.'),
    policy: policySchema.optional(),
    neighbour: neighbourSchema.optional(),
    faults: faultsSchema.optional(),
    arms: z
      .record(z.string(), arm, { error: 'Must be an object with an arm for each name.' })
      .describe('What is compared, by name: usually `control` and `experiment`; 1 to 4.'),
    repeats: number({ min: 1, max: 100, isInteger: true })
      .optional()
      .describe('How often all arms run; with fewer than three nothing is judged. Default 5.'),
    seed: number({ min: 0, max: 2 ** 31, isInteger: true })
      .optional()
      .describe('Decides when calls come and how long each takes, and which arm goes first. Default 1.'),
    measures: z
      .array(z.enum(measureNames, isMeasure), {
        error: 'Must be a list of measures.',
      })
      .min(1, 'Must be at least one measure.')
      .optional()
      .describe('What the table shows; by default all that were measured.'),
  },
  isObject,
);

/** An experiment as a file holds it. */
export type Experiment = z.input<typeof experimentSchema>;

/** The JSON Schema of a file, for editors. */
export function toJsonSchema(): object {
  return z.toJSONSchema(experimentSchema, { io: 'input' });
}
