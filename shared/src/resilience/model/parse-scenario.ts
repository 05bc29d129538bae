/** Checks an untrusted scenario, and fills in what it leaves out. */
import type { Load, Neighbour, Scenario, ScenarioFault, ServiceTime } from './scenario.ts';
import { createSettingCheck, type SettingCheck } from './setting-check.ts';

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

const longestMs = 86_400_000;
const durationRange = { min: 0, max: longestMs };
const rateRange = { min: 0, max: 100_000 };
const ratioRange = { min: 0, max: 1 };
/** More would be hours of computing; a mistake in a unit is likelier. */
const maxCalls = 20_000_000;

/**
 * Checks an untrusted scenario and merges it into the defaults.
 *
 * @throws {InvalidSettingsError} which names every field that is unknown, of another type or out of its range.
 */
export function parseScenario(given: PartialScenario): Scenario {
  const check = createSettingCheck('Invalid scenario');
  const known = [...Object.keys(scenarioDefaults), 'load', 'ratePerSecond'];
  const fields = check.fieldsOf(given, '', known);
  const load = parseLoad(check, fields);
  const seconds = check.number(fields.seconds, 'seconds', { min: 0.1, max: 86_400 }, toSeconds(load));
  const neighbour = parseNeighbour(check, fields.neighbour ?? {});
  const scenario: Scenario = {
    seconds,
    load,
    neighbour,
    faults: parseFaults(check, fields.faults ?? [], neighbour.instances),
    seed: check.number(fields.seed, 'seed', { min: 0, max: 2 ** 32 - 1, isInteger: true }, 1),
  };
  const calls = toMostCalls(load, seconds);
  if (calls > maxCalls) check.refuse('load', `makes up to ${calls} calls; at most ${maxCalls} are simulated`);
  check.finish();
  if (calls === 0) check.refuse('', withoutLoad);
  check.finish();
  return Object.freeze(scenario);
}

function toMostCalls(load: Load, seconds: number): number {
  if ('atMs' in load) return load.atMs.length;
  const rates = 'steps' in load ? load.steps.map(({ ratePerSecond }) => ratePerSecond) : [load.ratePerSecond];
  return Math.max(0, ...rates) * seconds;
}

/** Calls at given moments come until the last of them. */
function toSeconds(load: Load): number {
  if (!('atMs' in load) || load.atMs.length === 0) return scenarioDefaults.seconds;
  return Math.floor(load.atMs.reduce((last, atMs) => Math.max(last, atMs), 0) / 1000) + 1;
}

const withoutLoad = 'it has no load; say how many calls come, such as load: { ratePerSecond: 20 }';

const noLoad: Load = { atMs: [] };

function parseLoad(check: SettingCheck, { load, ratePerSecond }: Readonly<Record<string, unknown>>): Load {
  if (load === undefined && ratePerSecond === undefined) {
    check.refuse('', withoutLoad);
    return noLoad;
  }
  if (load === undefined)
    return { ratePerSecond: check.number(ratePerSecond, 'ratePerSecond', rateRange, 0) };
  if (ratePerSecond !== undefined) check.refuse('ratePerSecond', 'stands beside load; give one of them');
  const known = ['ratePerSecond', 'steps', 'atMs', 'arrivals'];
  const fields = check.fieldsOf(load, 'load', known);
  const kinds = known.slice(0, 3).filter((kind) => fields[kind] !== undefined);
  if (kinds.length !== 1) {
    check.refuse(
      'load',
      `must have one of ratePerSecond, steps and atMs, got ${kinds.join(' and ') || 'none'}`,
    );
    return noLoad;
  }
  if (fields.atMs !== undefined) return { atMs: parseNumbers(check, fields.atMs, 'load.atMs') };
  const { arrivals = 'random' } = fields;
  if (arrivals !== 'random' && arrivals !== 'even')
    check.refuse('load.arrivals', "must be 'random' or 'even'");
  const kind = arrivals === 'even' ? 'even' : 'random';
  if (fields.steps === undefined)
    return {
      ratePerSecond: check.number(fields.ratePerSecond, 'load.ratePerSecond', rateRange, 0),
      arrivals: kind,
    };
  return { steps: parseSteps(check, fields.steps), arrivals: kind };
}

function parseSteps(check: SettingCheck, given: unknown) {
  if (!Array.isArray(given) || given.length === 0) {
    check.refuse('load.steps', 'must be a list of at least one { fromMs, ratePerSecond }');
    return [];
  }
  return given.map((step: unknown, index) => {
    const path = `load.steps.${index}`;
    const fields = check.fieldsOf(step, path, ['fromMs', 'ratePerSecond']);
    return {
      fromMs: needNumber(check, fields.fromMs, `${path}.fromMs`, durationRange),
      ratePerSecond: needNumber(check, fields.ratePerSecond, `${path}.ratePerSecond`, rateRange),
    };
  });
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
    const samples = parseNumbers(check, fields.samples, `${path}.samples`);
    if (samples.length === 0) check.refuse(`${path}.samples`, 'must have at least one duration');
    return { samples };
  }
  const p50 = needNumber(check, fields.p50, `${path}.p50`, { min: 0.001, max: longestMs });
  return { p50, p99: needNumber(check, fields.p99, `${path}.p99`, { min: p50, max: longestMs }) };
}

function parseNumbers(check: SettingCheck, given: unknown, path: string): readonly number[] {
  if (!Array.isArray(given)) {
    check.refuse(path, 'must be a list of milliseconds');
    return [];
  }
  const wrong = given.findIndex((one) => !(typeof one === 'number' && one >= 0 && one <= longestMs));
  if (wrong >= 0) needNumber(check, given[wrong], `${path}.${wrong}`, durationRange);
  return given;
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
    needNumber(check, fields.fromMs, `${path}.fromMs`, durationRange);
    needNumber(check, fields.forMs, `${path}.forMs`, durationRange);
    for (const [field, range] of Object.entries(own))
      needNumber(check, fields[field], `${path}.${field}`, range);
    check.number(fields.instance, `${path}.instance`, { min: 0, max: instances - 1, isInteger: true }, 0);
    return fault as ScenarioFault;
  });
}

/** As `check.number`, but the field must be there. */
function needNumber(check: SettingCheck, given: unknown, path: string, range: typeof durationRange): number {
  // JSON has no undefined, so null stands for it and is refused with the range.
  return check.number(given ?? null, path, range, range.min);
}
