/** The settings of a hop that runs: read for the comparison, and set when somebody says yes. */
import { integer, readSettings, secretText } from '@holdfast/shared/core/config.ts';
import { type PartialPolicy, parsePolicy } from '@holdfast/shared/resilience/model/parse-policy.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import { chain, nextOf, portOf, startPorts } from '../../chain.ts';
import { toPolicyPatch } from './as-settings.ts';

/** The chain does not answer, or not as asked; the message is one sentence. */
export class ChainError extends Error {
  override readonly name = 'ChainError';
}

/** A hop of a running chain. */
export interface RunningHop {
  /** `caller→neighbour`. */
  readonly hop: string;
  readonly url: string;
  readonly policy: Policy;
}

const patience = 3000;
const settings = {
  LAB_TOKEN: secretText({
    form: /^\S{8,256}$/,
    range: '8 to 256 printable characters without a space',
    about: 'That of the chain.',
  }),
  PORT_BASE: integer(startPorts.base.usual, { ...startPorts.base, about: 'The PORT_BASE of npm start.' }),
};

/**
 * Reads the policy of `caller→neighbour`; without `url` where `npm start` has the caller.
 * @throws {ChainError}
 */
export async function readRunningHop(hop: string, url: string | undefined): Promise<RunningHop> {
  const [caller = ''] = hop.split('→');
  const service = chain.find(({ name }) => name === caller);
  if (url === undefined && service === undefined)
    throw new ChainError(`${caller} is no service of this chain, so say with --url where it is.`);
  const next = nextOf(caller);
  if (service !== undefined && next === undefined)
    throw new ChainError(`${caller} is the end of the chain: it calls nobody, so there is nothing to tune.`);
  const at = (url ?? toUsualUrl(service ?? chain[0])).replace(/\/$/, '');
  const answer = await ask(at, hop, 'GET');
  if (answer.hop !== hop)
    throw new ChainError(`${at} has the policy of ${String(answer.hop)}, not of ${hop}.`);
  return { hop, url: at, policy: toPolicy(answer, at) };
}

/**
 * Sets what differs between the two policies; gives the policy as it is then.
 * @throws {ChainError}
 */
export async function applyPolicy({ url, hop, policy: from }: RunningHop, to: Policy): Promise<Policy> {
  return toPolicy(await ask(url, hop, 'PATCH', { policy: toPolicyPatch(from, to) }), url);
}

/** A command line that sets `to` where `from` is set. */
export function toPatchCommand(url: string, from: Policy, to: Policy): string {
  const body = JSON.stringify({ policy: toPolicyPatch(from, to) });
  const proof = readSettings(settings).LAB_TOKEN === '' ? '' : ' -H "Authorization: Bearer $LAB_TOKEN"';
  return `curl -X PATCH ${url}/policy${proof} -H 'Content-Type: application/json' -d '${body}'`;
}

function toUsualUrl(service: (typeof chain)[number]): string {
  return `http://127.0.0.1:${portOf(service, readSettings(settings).PORT_BASE)}`;
}

async function ask(
  url: string,
  hop: string,
  method: 'GET' | 'PATCH',
  body?: object,
): Promise<Record<string, unknown>> {
  const { LAB_TOKEN: token } = readSettings(settings);
  const response = await fetch(`${url}/policy`, {
    ...{ method, redirect: 'error', signal: AbortSignal.timeout(patience) },
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ChainError(
      `${hop} cannot be asked: nothing answers at ${url}. Does the chain run (npm start)? --url says where it is elsewhere.`,
    );
  });
  const answer: unknown = await response.json().catch(() => null);
  const fields = typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {};
  if (response.ok) return fields;
  const why = typeof fields.detail === 'string' ? `: ${fields.detail}` : '.';
  throw new ChainError(`${url}/policy answered ${response.status} to ${method}${why}`);
}

function toPolicy(answer: Record<string, unknown>, url: string): Policy {
  try {
    return parsePolicy(answer.policy as PartialPolicy);
  } catch (error) {
    throw new ChainError(`${url}/policy is no policy: ${error instanceof Error ? error.message : error}`);
  }
}
