/**
 * The schema of an experiment: meaning, unit, range and default of every member.
 *
 * The JSON Schema (`--schema`) and the table in docs/experiments.md are made from it; read-experiment.ts says what is wrong with
 * a file.
 */
import { UsageError } from '@holdfast/shared/core/command-options.ts';
import { type BreakerSettings, breakerRanges } from '@holdfast/shared/resilience/breaker-settings.ts';
import { scenarioDefaults } from '@holdfast/shared/resilience/model/parse-scenario.ts';
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { z } from 'zod';
import { faultForms, parseFault } from '../tune/parse-fault.ts';
import { measureNames } from './measures.ts';

const isObject = {
  error: ({ code }: { code?: string }) => (code === 'invalid_type' ? 'Must be an object.' : undefined),
};
const isList = { error: 'Must be a list with at least one entry.' };
const isMeasure = { error: `Must be a measure: ${measureNames.join(', ')}.` };
const isNumber = { error: 'Must be a number.' };

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isInteger?: boolean;
}

const ms = { min: 0, max: 3_600_000 };
const share = { min: 0, max: 1 };

const breaker = z
  .strictObject(
    Object.fromEntries(
      Object.entries(breakerRanges).map(([name, range]) => [name, number(range).optional()]),
    ) as Record<keyof BreakerSettings, z.ZodOptional<z.ZodNumber>>,
    isObject,
  )
  .describe(
    'When it opens, for how long, and how it probes: docs/breaker.md has the settings and their defaults.',
  );

const policy = z
  .strictObject(
    {
      deadlineMs: orNull(number({ ...ms, min: 1 }), 'How long a caller waits in all; null is for ever.'),
      bulkhead: orNull(
        z.strictObject(
          {
            maxActive: number({ min: 1, max: 100_000, isInteger: true }),
            maxQueued: number({ min: 0, max: 100_000, isInteger: true }),
            waitMs: number(ms),
          },
          isObject,
        ),
        'The bound on calls in flight; null is none.',
      ),
      attempts: number({ min: 1, max: 10, isInteger: true })
        .optional()
        .describe('Attempts, the first included; 1 is no retry.'),
      budget: orNull(
        z.strictObject(
          { ratio: number({ min: 0, max: 10 }), minPerSecond: number({ min: 0, max: 100_000 }) },
          isObject,
        ),
        'The bound on retries: a share of the calls, and a number a second that is always free; null is none.',
      ),
      breaker: orNull(breaker, 'null is none. Settings that are absent have their defaults.'),
      attemptTimeoutMs: number({ min: 1, max: 600_000 }).optional().describe('Longest time of one attempt.'),
    },
    isObject,
  )
  .describe(
    'What the caller does about its neighbour. What is absent is as it is in a service by default: ' +
      `\`${JSON.stringify(policyDefaults)}\`.`,
  );

const serviceTime = z.union(
  [
    number({ min: 0.1, max: 600_000 }),
    z.strictObject(
      { p50: number({ min: 0.1, max: 600_000 }), p99: number({ min: 0.1, max: 600_000 }) },
      isObject,
    ),
    z.strictObject(
      {
        samples: z
          .array(number({ min: 0, max: 600_000 }), isList)
          .min(1, isList.error)
          .max(100_000),
      },
      isObject,
    ),
  ],
  { error: 'Must be a number of milliseconds, {p50, p99} or {samples: […]}.' },
);

const neighbour = z
  .strictObject(
    {
      instances: number({ min: 1, max: 8, isInteger: true })
        .optional()
        .describe('Instances of it, a process each.'),
      workers: number({ min: 1, max: 10_000, isInteger: true })
        .optional()
        .describe('Calls that one instance works on at once; further ones wait.'),
      serviceMs: serviceTime
        .optional()
        .describe(
          'How long a worker is busy with a call: always the same, log-normal by two quantiles, or drawn from samples.',
        ),
      queueMax: orNull(
        number({ min: 0, max: 1_000_000, isInteger: true }),
        'Calls that may wait at one instance; one more is answered 503. null is no bound.',
      ),
      dropsAbandoned: z
        .boolean({ error: 'Must be true or false.' })
        .optional()
        .describe('Whether a waiting call whose caller has given up is dropped instead of worked on.'),
      errorRatio: number(share)
        .optional()
        .describe('Share of its answers that are failures while it is well.'),
      networkMs: number({ min: 0, max: 60_000 }).optional().describe('There and back.'),
    },
    isObject,
  )
  .describe(
    `The neighbour while it is well. What is absent is \`${JSON.stringify(scenarioDefaults.neighbour)}\`.`,
  );

const whenAndWhere = {
  fromMs: number(ms),
  forMs: number({ ...ms, min: 1 }),
  instance: number({ min: 0, max: 7, isInteger: true }).optional(),
};
const fault = z.union(
  [
    z.string().superRefine((text, context) => {
      try {
        parseFault(text);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        context.addIssue({ code: 'custom', message: `Must be ${faultForms}.` });
      }
    }),
    z.discriminatedUnion(
      'type',
      [
        z.strictObject(
          { type: z.literal('slow'), ...whenAndWhere, factor: number({ min: 1, max: 1000 }) },
          isObject,
        ),
        z.strictObject({ type: z.literal('latency'), ...whenAndWhere, ms: number(ms) }, isObject),
        z.strictObject({ type: z.literal('down'), ...whenAndWhere }, isObject),
        z.strictObject({ type: z.literal('hang'), ...whenAndWhere }, isObject),
        z.strictObject({ type: z.literal('flaky'), ...whenAndWhere, ratio: number(share) }, isObject),
      ],
      { error: 'Must have a type: slow, latency, down, hang or flaky.' },
    ),
  ],
  { error: `Must be text as in ${faultForms}, or an object with type, fromMs and forMs.` },
);
const faults = z
  .array(fault, { error: 'Must be a list of faults.' })
  .max(20, 'Must be at most 20 faults.')
  .describe(
    `What happens to the neighbour and when: ${faultForms}. Without a moment it begins at a quarter of the run, at most after 10 s.`,
  );

const arrivals = z
  .enum(['random', 'even'], { error: 'Must be random or even.' })
  .optional()
  .describe('Whether calls come at random, as those of independent customers do, or evenly.');
const rate = { min: 0.1, max: 2000 };
const load = z
  .union(
    [
      z.strictObject({ ratePerSecond: number(rate), arrivals }, isObject),
      z.strictObject(
        {
          steps: z
            .array(
              z.strictObject({ fromMs: number(ms), ratePerSecond: number({ min: 0, max: 2000 }) }, isObject),
              isList,
            )
            .min(1, isList.error),
          arrivals,
        },
        isObject,
      ),
      z.strictObject({ atMs: z.array(number(ms), isList).min(1, isList.error).max(200_000) }, isObject),
    ],
    { error: 'Must be {ratePerSecond}, {steps: [{fromMs, ratePerSecond}, …]} or {atMs: […]}.' },
  )
  .describe(
    'When calls come, in the same way for every arm and whatever became of the calls before (open loop).',
  );

const hypothesis = z
  .strictObject(
    {
      measure: z.enum(measureNames, isMeasure).describe('What is measured: one of the measures below.'),
      of: text({ max: 40 }).describe('The arm that is judged.'),
      atMost: z.number(isNumber).optional().describe('Its bound from above; either this or `atLeast`.'),
      atLeast: z.number(isNumber).optional().describe('Its bound from below.'),
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
      policy: policy.optional(),
      neighbour: neighbour.optional(),
      faults: faults.optional(),
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
    load,
    seconds: number({ min: 1, max: 600 }).describe('How long calls come.'),
    policy: policy.optional(),
    neighbour: neighbour.optional(),
    faults: faults.optional(),
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

function number({ min, max, isInteger = false }: Range): z.ZodNumber {
  const error = `Must be a ${isInteger ? 'whole ' : ''}number from ${min} to ${max}.`;
  const schema = z.number({ error }).min(min, error).max(max, error);
  return isInteger ? schema.int(error) : schema;
}

function text({ max }: { readonly max: number }): z.ZodString {
  const error = `Must be text of 1 to ${max} characters.`;
  return z.string({ error }).min(1, error).max(max, error);
}

function orNull<S extends z.ZodType>(schema: S, about: string) {
  return schema.nullable().optional().describe(about);
}
