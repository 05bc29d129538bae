/** Checks an untrusted scenario, and fills in what it leaves out. */
import { countMostCalls, parseLoad, toDefaultSeconds, withoutLoad } from './parse-load.ts';
import type { Load, Neighbour, Scenario, ScenarioFault, ServiceTime } from './scenario.ts';
import { createSettingCheck, durationRange, longestMs, type SettingCheck } from './setting-check.ts';

/** A scenario of which anything but the load may be left out; `ratePerSecond` is short for a load of random arrivals. */
export interface PartialScenario {
  readonly seconds?: number | undefined;
  readonly load?: Load | undefined;
  readonly ratePerSecond?: number | undefined;
  readonly neighbour?: Partial<Neighbour> | undefined;
  readonly faults?: readonly ScenarioFault[] | undefined;
  readonly seed?: number | undefined;
}

/** Everything but the load. */
export const scenarioDefaults: Omit<Scenario, 'load'> = Object.freeze({
  seconds: 30,
  neighbour: Object.freeze({
    instances: 1,
    workers: 10,
    serviceMs: 20,
    queueMax: null,
    dropsAbandoned: false,
    errorRatio: 0,
    networkMs: 1,
  }),
  faults: [],
  seed: 1,
});

const ratioRange = { min: 0, max: 1 };
/** A million take about 20 s and half a gigabyte; a mistake in a unit is likelier. */
const maxAttempts = 2_000_000;

/**
 * Checks an untrusted scenario and merges it into the defaults; `attempts` is how many each of its calls may make.
 *
 * @throws {InvalidSettingsError} which names every field that is unknown, of another type or out of its range.
 */
export function parseScenario(given: PartialScenario, attempts = 1): Scenario {
  const check = createSettingCheck('Invalid scenario');
  const known = [...Object.keys(scenarioDefaults), 'load', 'ratePerSecond'];
  const fields = check.fieldsOf(given, '', known);
  const load = parseLoad(check, fields);
  const seconds = check.number(
    fields.seconds,
    'seconds',
    { min: 0.1, max: 86_400 },
    toDefaultSeconds(load, scenarioDefaults.seconds),
  );
  const neighbour = parseNeighbour(check, fields.neighbour ?? {});
  const scenario: Scenario = {
    seconds,
    load,
    neighbour,
    faults: parseFaults(check, fields.faults ?? [], neighbour.instances),
    seed: check.number(fields.seed, 'seed', { min: 0, max: 2 ** 32 - 1, isInteger: true }, 1),
  };
  const calls = countMostCalls(load, seconds);
  if (calls * attempts > maxAttempts)
    check.refuse('load', `makes up to ${calls * attempts} attempts; at most ${maxAttempts} are simulated`);
  check.finish();
  if (calls === 0) check.refuse('', withoutLoad);
  check.finish();
  return Object.freeze(scenario);
}

function parseNeighbour(check: SettingCheck, given: unknown): Neighbour {
  const { neighbour: base } = scenarioDefaults;
  const fields = check.fieldsOf(given, 'neighbour', Object.keys(base));
  const number = <T>(field: string, min: number, max: number, isInteger: boolean, fallback: T) =>
    check.number(fields[field], `neighbour.${field}`, { min, max, isInteger }, fallback);
  const { dropsAbandoned = base.dropsAbandoned, queueMax } = fields;
  if (typeof dropsAbandoned !== 'boolean') check.refuse('neighbour.dropsAbandoned', 'must be true or false');
  return {
    instances: number('instances', 1, 1000, true, base.instances),
    workers: number('workers', 1, 100_000, true, base.workers),
    serviceMs: parseServiceTime(check, fields.serviceMs),
    queueMax: queueMax === null ? null : number('queueMax', 0, 10_000_000, true, base.queueMax),
    dropsAbandoned: dropsAbandoned === true,
    errorRatio: number('errorRatio', 0, 1, false, base.errorRatio),
    networkMs: number('networkMs', 0, 600_000, false, base.networkMs),
  };
}

function parseServiceTime(check: SettingCheck, given: unknown): ServiceTime {
  const path = 'neighbour.serviceMs';
  const fallback = scenarioDefaults.neighbour.serviceMs;
  if (given === undefined || typeof given !== 'object' || given === null)
    return check.number(given, path, durationRange, fallback);
  const fields = check.fieldsOf(given, path, ['p50', 'p99', 'samples']);
  if (fields.samples !== undefined) {
    const samples = check.numbers(fields.samples, `${path}.samples`, durationRange);
    if (samples.length === 0) check.refuse(`${path}.samples`, 'must have at least one duration');
    return { samples };
  }
  const p50 = check.need(fields.p50, `${path}.p50`, { min: 0.001, max: longestMs });
  return { p50, p99: check.need(fields.p99, `${path}.p99`, { min: p50, max: longestMs }) };
}

/** The numbers of each type of fault, with their ranges. */
const faultFields: Readonly<Record<ScenarioFault['type'], Readonly<Record<string, typeof durationRange>>>> = {
  slow: { factor: { min: 0.001, max: 10_000 } },
  latency: { ms: durationRange },
  down: {},
  hang: {},
  flaky: { ratio: ratioRange },
};

function parseFaults(check: SettingCheck, given: unknown, instances: number): readonly ScenarioFault[] {
  if (!Array.isArray(given)) {
    check.refuse('faults', 'must be a list');
    return [];
  }
  return given.map((fault: unknown, index) => {
    const path = `faults.${index}`;
    const type = (fault as Partial<ScenarioFault> | null)?.type as ScenarioFault['type'];
    if (!Object.hasOwn(faultFields, type ?? ''))
      check.refuse(`${path}.type`, `must be one of ${Object.keys(faultFields).join(', ')}`);
    const own = Object.hasOwn(faultFields, type ?? '') ? faultFields[type] : {};
    const known = ['type', 'fromMs', 'forMs', 'instance', ...Object.keys(own)];
    const fields = check.fieldsOf(fault, path, known);
    check.need(fields.fromMs, `${path}.fromMs`, durationRange);
    check.need(fields.forMs, `${path}.forMs`, durationRange);
    for (const [field, range] of Object.entries(own)) check.need(fields[field], `${path}.${field}`, range);
    check.number(fields.instance, `${path}.instance`, { min: 0, max: instances - 1, isInteger: true }, 0);
    return fault as ScenarioFault;
  });
}
