/**
 * The settings of one hop, the same for every service of a chain: a table for each thing that they are about.
 *
 * Name, range, default and meaning stand together, and config.ts enforces exactly what is written here.
 */
import { hostname } from 'node:os';
import { readCommit } from '../core/commit.ts';
import {
  decimal,
  flag,
  integer,
  oneOf,
  requiredSecretText,
  type Setting,
  type SettingsOf,
  secretText,
  text,
} from '../core/config.ts';
import { failpoints } from '../core/failpoint.ts';
import { addressesForm } from '../discovery/addresses.ts';
import { strategies } from '../resilience/balancer.ts';
import {
  type BreakerSettings,
  breakerDefaults,
  breakerRanges,
  type SettingRange,
} from '../resilience/breaker-settings.ts';
import { policyRanges } from '../resilience/policy-settings.ts';

/** What the URL of a database must look like. */
export const mongoUrl = { form: /^mongodb(\+srv)?:\/\/\S+$/, range: 'a mongodb:// URL' } as const;

/** Settings of a hop whose service is called `id` and listens on `port` unless told otherwise. */
export function hopSettings(id: string, port: number) {
  return {
    ...identity(id),
    ...listening(port),
    ...storing,
    ...chaining,
    ...finding,
    ...bounds,
    ...breaking,
    ...observing,
    ...failing,
    ...ending,
  };
}

/** The values of a hop's settings. */
export type HopSettings = SettingsOf<ReturnType<typeof hopSettings>>;

/** A setting of the breaker, with the default and the range that the breaker itself has. */
function ofBreaker(name: keyof BreakerSettings, about: string): Setting<number> {
  return within(breakerRanges[name], breakerDefaults[name], about);
}

/** A setting with a range that also holds where it is changed while the service runs. */
function within({ isInteger, min, max }: SettingRange, fallback: number, about: string): Setting<number> {
  return (isInteger ? integer : decimal)(fallback, { min, max, about });
}

/** An origin as a browser writes it. */
const origin = String.raw`https?:\/\/(?:[a-z0-9.-]{1,253}|\[[\da-f:]{2,39}\])(?::\d{1,5})?`;

/** Who the service is. */
const identity = (id: string) => ({
  ID: text(id, {
    form: /^[a-z][a-z0-9-]{0,31}$/,
    range: 'a small letter, then up to 31 small letters, digits or dashes',
    about:
      'Name of the service in greetings, messages and logs; its documents live in the collection ID + "s".',
  }),
  INSTANCE: text(hostname(), {
    fallbackInWords: 'the host name',
    form: /^\S{1,128}$/,
    range: '1 to 128 characters without a space',
    about: 'Tells the instances of one service apart; the port is added to it.',
  }),
  RELEASE: text('stable', {
    form: /^[a-z0-9-]{1,32}$/,
    range: '1 to 32 small letters, digits or dashes',
    about: 'Which release this instance belongs to, in /version and metrics; proxies choose it by X-Release.',
  }),
  COMMIT: text(readCommit() ?? 'unknown', {
    fallbackInWords: 'that of the clone, else unknown',
    form: /^[A-Za-z0-9._-]{1,64}$/,
    range: '1 to 64 letters, digits, dots, dashes or underscores',
    about: 'The commit that this instance was built from, in /version.',
  }),
});

/** Where it listens, and who may call it from a browser. */
const listening = (port: number) => ({
  HOST: text('127.0.0.1', {
    form: /^[A-Za-z0-9.:-]+$/,
    range: 'an address or a host name',
    about: 'Address to listen on; 0.0.0.0 in images.',
  }),
  PORT: integer(port, { min: 0, max: 65535, about: 'Port to listen on; 0 takes a free one.' }),
  CORS_ORIGINS: text('', {
    form: new RegExp(`^${origin}(,${origin}){0,31}$`),
    range: 'origins as http://host:port, in small letters and without a path, separated by commas',
    about: 'Pages of which other origins may read and create from a browser; empty lets none.',
  }),
});

/** Where documents are kept. */
const storing = {
  MONGO_URL: requiredSecretText({
    ...mongoUrl,
    about: 'The database; without a name in its path the name is holdfast.',
  }),
};

/** Its place in the chain. */
const chaining = {
  CHAIN_SVC: text('', {
    form: addressesForm,
    range:
      'one or more http://, https://, dns+http:// or local+http:// URLs of create endpoints, separated by commas',
    about:
      'Where a document is handed on to; empty ends the chain here. Several URLs are several instances; dns+http:// is every address behind the name, local+http:// whoever announces it on the local network.',
  }),
  CHAIN_KEY: secretText({
    form: /^[\x21-\x2b\x2d-\x7e]{16,256}(,[\x21-\x2b\x2d-\x7e]{16,256})*$/,
    range: 'keys of 16 to 256 printable characters without space or comma, separated by commas',
    about:
      'By what the hops of a chain know each other; the first key signs, all are believed. Empty takes the key that the first hop to start keeps in the database; only services that share no database need one here, the same for all.',
  }),
  NEXT_NAME: text('', {
    form: /^[A-Za-z0-9._-]{1,64}$/,
    range: '1 to 64 letters, digits, dots, dashes or underscores',
    about:
      'What the next hop is called in logs and breakers; by default the host in CHAIN_SVC when it is a name.',
  }),
  JUMPS: integer(6, {
    min: 1,
    max: 1000,
    about: 'The hop whose number reaches this is the last one and forwards nothing.',
  }),
};

/** How instances are found, and who of them gets a call. */
const finding = {
  DISCOVERY: flag(
    false,
    '1 announces this instance on the local network, for neighbours with local+http://.',
  ),
  DISCOVERY_INTERFACE: text('127.0.0.1', {
    form: /^[\da-fA-F.:]+$/,
    range: 'the address of a network interface',
    about: 'Where multicast DNS asks and answers; the default stays on this machine.',
  }),
  DISCOVERY_GROUP: text('holdfast', {
    form: /^[a-z0-9-]{1,32}$/,
    range: '1 to 32 small letters, digits or dashes',
    about: 'Chains with different groups do not see each other on the local network.',
  }),
  BALANCER: oneOf(
    strategies,
    'least-pending',
    'Who of several instances gets the next call; latency takes the faster of two.',
  ),
  SLOW_START_MS: integer(10_000, {
    min: 0,
    max: 600_000,
    about: 'How long an instance takes back to its full share after its breaker has closed.',
  }),
};

/** How much at once, and for how long. */
const bounds = {
  REQUEST_TIMEOUT_MS: within(
    policyRanges.deadlineMs,
    4000,
    'Longest time that one request may take when its caller names no shorter one.',
  ),
  ATTEMPT_TIMEOUT_MS: within(
    policyRanges.attemptTimeoutMs,
    1500,
    'Longest time that one call to the next hop may take. The original chain had 300.',
  ),
  ADMISSION_MAX: integer(256, {
    min: 1,
    max: 100_000,
    about:
      'Most requests from outside that may be in work at once; how many are let in below that, the service finds by their latency. Requests of another hop have twice the room.',
  }),
  BULKHEAD_MAX: within(
    policyRanges.bulkhead.maxActive,
    512,
    'Calls to the next hop that may be under way at once; as many as admission lets in, so that none waits twice.',
  ),
  BULKHEAD_QUEUE_MAX: within(policyRanges.bulkhead.maxQueued, 256, 'Calls that may wait for a free slot.'),
  BULKHEAD_WAIT_MS: within(policyRanges.bulkhead.waitMs, 500, 'How long a call waits for a free slot.'),
  DRAIN_MS: integer(500, {
    min: 0,
    max: 60_000,
    about: 'After SIGTERM: how long the service is unready and still answers, so that balancers notice.',
  }),
};

/** When calls are repeated, and when none is sent. */
const breaking = {
  RETRY_ATTEMPTS: within(
    policyRanges.attempts,
    2,
    'Attempts that a waiting request makes, the first included; the relay goes on without limit.',
  ),
  RETRY_BUDGET_RATIO: within(
    policyRanges.budget.ratio,
    0.2,
    'Retries per call that are allowed, beside three a second; one less than RETRY_ATTEMPTS, or more, bounds none.',
  ),
  RELAY_BUDGET_RATIO: decimal(0.5, {
    min: 0,
    max: 100,
    about:
      'Deliveries of the relay per call of a customer that may be in vain (failed, or answered pending), beside five a second; what succeeds is not bounded.',
  }),
  BREAKER_THRESHOLD_RATIO: ofBreaker(
    'thresholdRatio',
    'The breaker opens when the share of failed calls is above this.',
  ),
  BREAKER_MIN_CALLS: ofBreaker('minCalls', 'Calls that the window must hold before the breaker may open.'),
  BREAKER_WINDOW_MS: ofBreaker('windowMs', 'How far back the breaker counts.'),
  BREAKER_OPEN_MS: ofBreaker(
    'openMs',
    'How long an open breaker waits before its first probe; doubles with every failed probe.',
  ),
  BREAKER_OPEN_MAX_MS: ofBreaker('openMaxMs', 'Longest time between two probes.'),
  SHARED_PROBE: flag(
    false,
    '1 lets replicas with the same database agree on who probes a neighbour; without the database each decides alone.',
  ),
};

/** What it writes and sends about itself. */
const observing = {
  LOG_FORMAT: oneOf(
    ['auto', 'pretty', 'json'],
    'auto',
    'auto is pretty on a terminal and JSON elsewhere; json makes every line JSON, the ready line and what ends a process, too.',
  ),
  LOG_LEVEL: oneOf(
    ['debug', 'info', 'warn', 'error', 'silent'],
    'info',
    'Least important level that is written; single calls are debug.',
  ),
  NO_COLOR: text('', {
    form: /.*/s,
    range: 'any text',
    about: 'Any value turns colours off in pretty logs.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: secretText({
    form: /^https?:\/\/[^\s/]+(\/\S*)?$/,
    range: 'an http:// or https:// URL, as http://127.0.0.1:4318',
    about: 'Where traces are sent, as OTLP over HTTP; empty turns tracing off.',
  }),
};

/** Failures on demand. */
const failing = {
  INJECT_ERR: flag(false, '1 answers 40 % of the requests with 502 after they were saved.'),
  LAB: flag(false, '1 opens the controls: faults on demand and changes of breakers. Never in production.'),
  LAB_TOKEN: secretText({
    form: /^[\x21-\x7e]{8,256}$/,
    range: '8 to 256 printable characters without a space',
    about: 'When set, every control request must carry it as `Authorization: Bearer`.',
  }),
  LAB_HOSTS: text('', {
    form: /^[A-Za-z0-9.-]+(,[A-Za-z0-9.-]+)*$/,
    range: 'host names, separated by commas',
    about:
      'Names in `Host` that requests may use with LAB=1, beside addresses, localhost, the name of the service and, but for controls, names without a dot.',
  }),
  FAILPOINT: {
    ...text('', {
      form: new RegExp(`^(${failpoints.join('|')})(:[1-9]\\d{0,5})?$`),
      range: 'the name of a point, and behind a colon which hit of it is meant',
      about: 'The process kills itself when a document passes this point.',
    }),
    needs: 'LAB',
  },
};

/** How it ends. */
const ending = {
  EXIT_WITH_PARENT: flag(false, '1 stops the service when the process that started it is gone.'),
};
