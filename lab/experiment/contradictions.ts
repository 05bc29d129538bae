/** What a schema cannot say of an experiment: members that do not fit together. The value may be anything. */
import { nearestOf } from '@holdfast/shared/core/nearest-word.ts';
import { parseFault } from '../options/fault.ts';

/** A mistake; `place` is empty for the whole, as in `arms.control.policy.attempts`. */
export interface Mistake {
  readonly place: string;
  readonly detail: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Only these say something without a fault. */
const needsFault: readonly unknown[] = ['failedDuring', 'failedAfter', 'recoveredAfterMs', 'openedAfterMs'];
const mostArms = 4;
const armName = /^[A-Za-z0-9][\w .-]{0,39}$/;

/** Finds them; members of another type than they should be are passed over, since the schema names those. */
export function findContradictions(value: unknown): Mistake[] {
  if (!isObject(value)) return [];
  const arms = isObject(value.arms) ? value.arms : {};
  return [
    ...(isObject(value.arms) ? ofArms(Object.keys(arms)) : []),
    ...(isObject(value.hypothesis) ? ofHypothesis(value.hypothesis, Object.keys(arms), value) : []),
    ...ofLoad(value),
    ...ofNeighbour(value.neighbour, 'neighbour'),
    ...ofFaults(value, value, 'faults'),
    ...Object.entries(arms).flatMap(([name, arm]) =>
      isObject(arm)
        ? [
            ...ofNeighbour(arm.neighbour, `arms.${name}.neighbour`),
            ...ofFaults(arm, value, `arms.${name}.faults`),
          ]
        : [],
    ),
  ];
}

function ofArms(names: readonly string[]): Mistake[] {
  const bad = names.filter((name) => !armName.test(name));
  return [
    ...(names.length === 0 || names.length > mostArms
      ? [{ place: 'arms', detail: `Must be 1 to ${mostArms} arms, there are ${names.length}.` }]
      : []),
    ...bad.map((name) => ({
      place: `arms.${name}`,
      detail: 'The name of an arm must be 1 to 40 letters, digits, spaces, dots, underscores or dashes.',
    })),
  ];
}

function ofHypothesis(hypothesis: Members, arms: readonly string[], root: Members): Mistake[] {
  const { of, times, above, atMost, atLeast, measure } = hypothesis;
  const mistakes: Mistake[] = [];
  const say = (detail: string, member = '') =>
    void mistakes.push({ place: `hypothesis${member && `.${member}`}`, detail });
  if ((atMost === undefined) === (atLeast === undefined))
    say('Must have either atMost or atLeast, which says the bound.');
  if (times !== undefined && above !== undefined) say('Must have times or above, not both.');
  for (const [member, name] of Object.entries({ of, times, above })) {
    if (typeof name !== 'string' || name === '' || arms.length === 0 || arms.includes(name)) continue;
    const guess = nearestOf(name, arms, (one) => Math.max(1, one.length / 3));
    say(
      `There is no arm "${name}". ${guess === undefined ? `There are ${arms.join(', ')}.` : `Did you mean ${guess}?`}`,
      member,
    );
  }
  if (of !== undefined && (of === times || of === above))
    say('An arm is compared with another one, not with itself.');
  const hasFaults = [root, ...Object.values(isObject(root.arms) ? root.arms : {})].some(
    (one) =>
      isObject(one) && one.faults !== undefined && (!Array.isArray(one.faults) || one.faults.length > 0),
  );
  if (needsFault.includes(measure) && !hasFaults)
    say(`${measure} says something only where there is a fault: faults is absent or empty.`, 'measure');
  return mistakes;
}

function ofLoad({ load, seconds }: Members): Mistake[] {
  if (!isObject(load)) return [];
  const detail = 'No call comes with this load.';
  const { steps, atMs } = load;
  const isSilent = (step: unknown) =>
    isObject(step) &&
    (step.ratePerSecond === 0 || (typeof seconds === 'number' && Number(step.fromMs) >= seconds * 1000));
  if (Array.isArray(steps) && steps.length > 0 && steps.every(isSilent))
    return [{ place: 'load.steps', detail }];
  if (!Array.isArray(atMs) || atMs.length === 0 || typeof seconds !== 'number') return [];
  return atMs.every((one) => typeof one === 'number' && one >= seconds * 1000)
    ? [{ place: 'load.atMs', detail }]
    : [];
}

function ofNeighbour(neighbour: unknown, place: string): Mistake[] {
  const time = isObject(neighbour) && isObject(neighbour.serviceMs) ? neighbour.serviceMs : {};
  const { p50, p99 } = time;
  if (typeof p50 !== 'number' || typeof p99 !== 'number' || p50 <= p99) return [];
  return [{ place: `${place}.serviceMs`, detail: `Its p99 (${p99}) must not be below its p50 (${p50}).` }];
}

function ofFaults(owner: Members, root: Members, place: string): Mistake[] {
  const { seconds } = root;
  if (!Array.isArray(owner.faults)) return [];
  const instances = toInstances(owner) ?? toInstances(root) ?? 1;
  return owner.faults.flatMap((fault, index) => {
    const { fromMs, instance } = toMoment(fault);
    const at = `${place}[${index}]`;
    return [
      ...(typeof seconds === 'number' && typeof fromMs === 'number' && fromMs >= seconds * 1000
        ? [{ place: at, detail: `Begins at ${fromMs / 1000} s, but calls come for ${seconds} s only.` }]
        : []),
      ...(typeof instance === 'number' && instance >= instances
        ? [{ place: at, detail: `Is of instance #${instance}, but there are ${instances}; the first is #0.` }]
        : []),
    ];
  });
}

function toMoment(fault: unknown): { readonly fromMs?: unknown; readonly instance?: unknown } {
  if (typeof fault !== 'string') return isObject(fault) ? fault : {};
  try {
    return parseFault(fault);
  } catch {
    return {}; // The schema says that it is not legal.
  }
}

function toInstances({ neighbour }: Members): number | undefined {
  const instances = isObject(neighbour) ? neighbour.instances : undefined;
  return typeof instances === 'number' ? instances : undefined;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
