/**
 * Lines of an access log: common or combined (Apache, nginx) with a duration behind.
 *
 * Apache notes when a request began (`%t`), nginx when it ended (`$time_local`). What stands behind the known fields
 * is told apart by name or form, since every house orders it in its own way; docs/traces.md lists the forms.
 */
import { type CallOutcome, callOutcomes, type TraceCall } from './trace.ts';
import { BrokenLineError } from './trace-error.ts';

/** One request of a line: a proxy that tried several neighbours made several. */
export interface LoggedCall {
  /** `t` is the moment that the log notes, and has no parts of a second in most logs. */
  readonly call: TraceCall;
  /** How long before that moment it began. */
  readonly backMs: number;
  /** Its duration is a number without a unit. */
  readonly isBare: boolean;
}

const lineForm =
  /^[^[]{0,1000}\[([^\]]{1,60})\]\s+"(?:[^"\\]|\\.)*"\s+(\d{3}|-)\s+(?:\d+|-)(?:\s+"(?:[^"\\]|\\.)*"\s+"(?:[^"\\]|\\.)*")?(.*)$/;
const localTime =
  /^(\d{1,2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}(?:\.\d{1,9})?) ([+-])(\d{2})(\d{2})$/;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const fieldForm = /(?:([A-Za-z_][\w.-]*)=)?(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/g;
const addressForm = /^(?:unix:\S+|(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):\d{1,5})$/;
const durationForm = /^(\d+(?:\.\d+)?)(s|ms|us|µs)?$/;

/** Names by which formats call a field. */
const names: Readonly<Record<string, 'total' | 'upstream' | 'address' | 'status'>> = {
  ...{ rt: 'total', request_time: 'total', duration: 'total', dur: 'total', d: 'total', time: 'total' },
  ...{ urt: 'upstream', upstream_response_time: 'upstream', upstream_time: 'upstream' },
  ...{ ua: 'address', upstream: 'address', upstream_addr: 'address', addr: 'address', backend: 'address' },
  ...{ us: 'status', upstream_status: 'status' },
};

/** What stands behind the known fields. */
interface Tail {
  total?: string;
  /** Of each neighbour that was asked, with commas. */
  upstream?: string;
  address?: string;
  status?: string;
  endedAt?: number;
  readonly numbers: number[];
}

/** Whether a text is a line of an access log, whatever stands behind. */
export function isAccessLine(line: string): boolean {
  return lineForm.test(line);
}

/**
 * Reads one line.
 * @throws {BrokenLineError} when it is none, has no duration, or no neighbour was asked.
 */
export function parseAccessLine(line: string): readonly LoggedCall[] {
  const [, time, code = '-', rest = ''] = lineForm.exec(line) ?? [];
  if (time === undefined) throw new BrokenLineError('it is no line of an access log');
  const tail = parseTail(rest);
  const t = tail.endedAt ?? toMillis(time);
  if (Number.isNaN(t)) throw new BrokenLineError('its time is none');
  if (tail.upstream !== undefined) return toTries(t, tail, Number(code));
  const { value, unit } = toDuration(tail);
  const isEnd = tail.endedAt !== undefined || unit === 's';
  const ms = unit === null ? value : value * unitMs[unit];
  const instance = isAddress(tail.address) ? { instance: tail.address } : {};
  const call = { t, ms, outcome: toOutcome(Number(code)), ...instance };
  return [{ call, backMs: isEnd ? ms : 0, isBare: unit === null }];
}

/** What an HTTP status says of a call: after a time-out, or when the caller gave up, nobody knows the whole duration. */
export function toOutcome(status: number): CallOutcome {
  const [ok, failed, timeout] = callOutcomes;
  if (status === 408 || status === 499 || status === 504) return timeout;
  return status >= 500 || status === 429 ? failed : ok;
}

function toMillis(text: string): number {
  const [, day, month = '', year, hour, minute, second, sign, overHour, overMinute] =
    localTime.exec(text) ?? [];
  if (sign === undefined) return /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (!months.includes(month)) return Number.NaN;
  const local = Date.UTC(
    ...([Number(year), months.indexOf(month), Number(day), Number(hour), Number(minute)] as const),
  );
  const over = (Number(overHour) * 60 + Number(overMinute)) * 60_000 * (sign === '-' ? -1 : 1);
  return local - over + Number(second) * 1000;
}

function parseTail(rest: string): Tail {
  const tail: Tail = { numbers: [] };
  // A list of attempts has spaces of its own.
  const joined = rest.replace(/\s*,\s+/g, ',').replace(/(\S) : (?=\S)/g, '$1,');
  for (const [, name, quoted, bare] of joined.matchAll(fieldForm)) {
    const value = quoted ?? bare ?? '';
    const known = name === undefined ? undefined : names[name.toLowerCase()];
    if (known !== undefined) tail[known] ??= value;
    else if (name === undefined) takeBare(tail, value);
  }
  return tail;
}

/** A field without a name is known by its form. */
function takeBare(tail: Tail, value: string): void {
  const first = value.split(',')[0] ?? '';
  if (/^\d{9,10}\.\d{3}$/.test(value)) tail.endedAt ??= Number(value) * 1000;
  else if (/^\d+(?:\/\d+)?$/.test(value)) tail.numbers.push(...value.split('/').map(Number));
  else if (isAddress(first)) tail.address ??= value;
  else if (!durationForm.test(first)) return;
  else if (tail.total === undefined) tail.total = value;
  else tail.upstream ??= value;
}

/** Each neighbour that a proxy asked for one request; the last one decided about the answer. */
function toTries(t: number, tail: Tail, code: number): LoggedCall[] {
  const times = (tail.upstream ?? '').split(',').map((time) => durationForm.exec(time.trim()));
  const addresses = tail.address?.split(',') ?? [];
  const statuses = tail.status?.split(',') ?? [];
  const tries: LoggedCall[] = [];
  let backMs = 0;
  for (const [index, time] of [...times.entries()].reverse()) {
    if (time === null) continue;
    const isLast = index === times.length - 1;
    const ms = Number(time[1]) * unitMs[toUnit(time[2]) ?? 's'];
    const status = Number(statuses[index] ?? (isLast ? code : 502));
    const instance = addresses[index]?.trim();
    backMs += ms;
    const call: TraceCall = {
      ...{ t, ms, outcome: toOutcome(Number.isNaN(status) ? code : status) },
      ...(isAddress(instance) ? { instance } : {}),
      ...(index === 0 ? {} : { retry: true }),
    };
    tries.unshift({ call, backMs, isBare: false });
  }
  if (tries.length > 0) return tries;
  if (code < 500) throw new BrokenLineError('no neighbour was asked');
  return [{ call: { t, ms: 0, outcome: 'rejected' }, backMs: 0, isBare: false }];
}

const unitMs = { s: 1000, ms: 1, us: 0.001 } as const;

function toUnit(said: string | undefined): keyof typeof unitMs | undefined {
  return said === 's' || said === 'ms' ? said : said === undefined ? undefined : 'us';
}

function toDuration({ total, numbers }: Tail): { value: number; unit: keyof typeof unitMs | null } {
  const [, number, said] = durationForm.exec(total ?? '') ?? [];
  if (number !== undefined)
    return { value: Number(number), unit: toUnit(said) ?? (number.includes('.') ? 's' : null) };
  const [one, other] = numbers;
  if (one === undefined) throw new BrokenLineError('it has no duration');
  if (other === undefined) return { value: one, unit: null };
  // Apache's %D and %T say the same twice, in microseconds and in seconds.
  const [more, less] = one > other ? [one, other] : [other, one];
  if (numbers.length === 2 && Math.floor(more / 1_000_000) === less)
    return { value: more / 1000, unit: 'ms' };
  throw new BrokenLineError('it has several numbers; D=%D would name the duration');
}

function isAddress(text: string | undefined): text is string {
  return text !== undefined && text.length <= 200 && addressForm.test(text);
}
