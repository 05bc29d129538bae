/** The schema of what happens in an experiment: the load, the neighbour, and its faults. */
import { UsageError } from '@holdfast/shared/core/command-options.ts';
import { scenarioDefaults } from '@holdfast/shared/resilience/model/parse-scenario.ts';
import { z } from 'zod';
import { faultForms, parseFault } from '../options/fault.ts';
import { isList, isObject, ms, number, orNull, toDefault } from './schema-forms.ts';

/** The neighbour where a file says nothing. */
const well = scenarioDefaults.neighbour;
const share = { min: 0, max: 1 };

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

/** The neighbour of an arm, or of all. */
export const neighbourSchema = z
  .strictObject(
    {
      instances: number({ min: 1, max: 8, isInteger: true })
        .optional()
        .describe(`Instances of it, a process each. ${toDefault(well.instances)}`),
      workers: number({ min: 1, max: 10_000, isInteger: true })
        .optional()
        .describe(`Calls that one instance works on at once; further ones wait. ${toDefault(well.workers)}`),
      serviceMs: serviceTime
        .optional()
        .describe(
          `How long a worker is busy with a call: always the same, log-normal by two quantiles, or drawn from samples. ${toDefault(well.serviceMs)}`,
        ),
      queueMax: orNull(
        number({ min: 0, max: 1_000_000, isInteger: true }),
        `Calls that may wait at one instance; one more is answered 503. null is no bound. ${toDefault(well.queueMax)}`,
      ),
      dropsAbandoned: z
        .boolean({ error: 'Must be true or false.' })
        .optional()
        .describe(
          `Whether a waiting call whose caller has given up is dropped instead of worked on. ${toDefault(well.dropsAbandoned)}`,
        ),
      errorRatio: number(share)
        .optional()
        .describe(`Share of its answers that are failures while it is well. ${toDefault(well.errorRatio)}`),
      networkMs: number({ min: 0, max: 60_000 })
        .optional()
        .describe(`There and back. ${toDefault(well.networkMs)}`),
    },
    isObject,
  )
  .describe('The neighbour while it is well.');

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
/** What happens to it. */
export const faultsSchema = z
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
/** When calls come. */
export const loadSchema = z
  .union(
    [
      z.strictObject(
        { ratePerSecond: number(rate).describe('Calls a second, on average.'), arrivals },
        isObject,
      ),
      z.strictObject(
        {
          steps: z
            .array(
              z.strictObject({ fromMs: number(ms), ratePerSecond: number({ min: 0, max: 2000 }) }, isObject),
              isList,
            )
            .min(1, isList.error)
            .describe('Rates that change: each `{fromMs, ratePerSecond}` holds until the next one.'),
          arrivals,
        },
        isObject,
      ),
      z.strictObject(
        {
          atMs: z
            .array(number(ms), isList)
            .min(1, isList.error)
            .max(200_000)
            .describe('The moments at which calls come, from the beginning.'),
        },
        isObject,
      ),
    ],
    { error: 'Must be {ratePerSecond}, {steps: [{fromMs, ratePerSecond}, …]} or {atMs: […]}.' },
  )
  .describe(
    'When calls come, in the same way for every arm and whatever became of the calls before (open loop).',
  );
