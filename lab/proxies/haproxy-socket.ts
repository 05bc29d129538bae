/**
 * HAProxy's runtime interface: counters of every server, and weights that change while it runs.
 *
 * HAProxy takes one command per connection. The socket is a path, or `host:port` on this machine.
 */
import { connect } from 'node:net';

/** One server of one backend, as `show stat` has it; the counters begin with the process. */
export interface ServerStat {
  readonly backend: string;
  readonly server: string;
  /** `host:port`; empty while it has no address. */
  readonly address: string;
  /** `UP`, `DOWN`, `MAINT` and their kin. */
  readonly status: string;
  /** Whether it gets requests: `UP`, also while its checks begin to fail (`UP 1/2`). */
  readonly isUp: boolean;
  /** Whether a check has ended; before the first one, UP is an assumption. */
  readonly checked: boolean;
  readonly weight: number;
  /** It is in slow start and has not got its whole share yet. */
  readonly throttled: boolean;
  /** Requests that were sent to it, repeats included. */
  readonly sent: number;
  /** Requests in progress. */
  readonly active: number;
  /** Answers 1xx to 3xx. */
  readonly good: number;
}

/** A connection to HAProxy. */
export interface HaproxySocket {
  /** Every server of every backend, in the sequence of the configuration. */
  servers(): Promise<readonly ServerStat[]>;
  /** @throws {Error} with HAProxy's message when it refuses the weight. */
  setWeight(server: Pick<ServerStat, 'backend' | 'server'>, weight: number): Promise<void>;
}

const timeoutMs = 2000;

/** Opens the runtime interface; nothing is sent yet. */
export function openHaproxySocket(address: string): HaproxySocket {
  const ask = (command: string) => askOnce(address, command);
  return {
    async servers() {
      const rows = parseCsv(await ask('show stat -1 4 -1'));
      return rows.map(toServer);
    },
    async setWeight({ backend, server }, weight) {
      const said = (await ask(`set server ${backend}/${server} weight ${weight}`)).trim();
      if (said !== '') throw new Error(`HAProxy did not take the weight of ${backend}/${server}: ${said}`);
    },
  };
}

function askOnce(address: string, command: string): Promise<string> {
  const [, host, port] = /^([\w.-]*):(\d+)$/.exec(address) ?? [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(`HAProxy's runtime interface at ${address} ${why}.`));
    };
    const socket =
      port === undefined
        ? connect({ path: address })
        : connect({ host: host || '127.0.0.1', port: Number(port) });
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => fail(`did not answer within ${timeoutMs} ms`));
    socket.once('connect', () => socket.write(`${command}\n`));
    socket.on('data', (part: string) => {
      text += part;
    });
    socket.once('error', (error: NodeJS.ErrnoException) => fail(`cannot be used (${error.code})`));
    socket.once('end', () => {
      socket.destroy();
      resolve(text);
    });
  });
}

function parseCsv(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.trim().split('\n');
  if (!head.startsWith('# pxname,')) throw new Error(`This is no answer of HAProxy: ${head.slice(0, 80)}`);
  const names = head.slice(2).split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, column) => [name, values[column] ?? '']));
  });
}

function toServer(row: Record<string, string>): ServerStat {
  const number = (name: string) => Number(row[name] || 0);
  return {
    backend: row.pxname ?? '',
    server: row.svname ?? '',
    address: row.addr ?? '',
    status: row.status ?? '',
    isUp: /^UP\b/.test(row.status ?? ''),
    checked: /^L7OK/.test(row.check_status ?? ''),
    weight: number('weight'),
    throttled: row.throttle !== undefined && row.throttle !== '' && row.throttle !== '100',
    sent: number('stot'),
    active: number('scur'),
    good: number('hrsp_1xx') + number('hrsp_2xx') + number('hrsp_3xx'),
  };
}
