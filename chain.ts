/**
 * The chain, written once: its services, from the front door to the end.
 *
 * Whatever starts, watches, breaks, measures or audits the chain reads this list; what cannot import TypeScript is held
 * against it by deploy/test/unit/chain.test.ts. How to add a service is in docs/your-own.md.
 */

/** One service of the chain. */
export interface ChainService {
  /** What it is called in answers, logs and settings; the field of its part in the document before it. */
  readonly name: string;
  /** Its create endpoint, and its collection. */
  readonly plural: string;
  /** Its folder, from the root. */
  readonly folder: string;
  /** Where it listens unless told otherwise. */
  readonly port: number;
  /** Its documents move money, so each has a ledger. */
  readonly ledger?: true;
  /** A document before it may come without it, and ends there. */
  readonly optional?: true;
}

/** The services, the front door first. */
export const chain = [
  { name: 'order', plural: 'orders', folder: 'order', port: 3000 },
  { name: 'payment', plural: 'payments', folder: 'payment', port: 3001, ledger: true },
  { name: 'shipment', plural: 'shipments', folder: 'shipment', port: 3002 },
] as const satisfies readonly ChainService[];

/** The name of a service of the chain. */
export type ServiceName = (typeof chain)[number]['name'];

/** The names of the services, the front door first. */
export const serviceNames: readonly ServiceName[] = chain.map(({ name }) => name);

/**
 * The ports of `npm start`: default and range of PORT_BASE, and how far from it the lab, the database and the first of
 * the further instances are.
 */
export const startPorts = {
  base: { usual: chain[0].port, min: 1, max: 65_500 },
  lab: 10,
  database: 17,
  further: 20,
} as const;

/** The port of a service when the chain begins at `base`. */
export function portOf({ port }: Pick<ChainService, 'port'>, base: number): number {
  return base + port - chain[0].port;
}

/** Who is behind a service; `undefined` at the end of the chain. */
export function nextOf(name: string): ServiceName | undefined {
  const at = chain.findIndex((service) => service.name === name);
  return at < 0 ? undefined : chain[at + 1]?.name;
}

/** Something for each service, by its name. */
export function forEachService<T>(make: (service: (typeof chain)[number]) => T): Record<ServiceName, T> {
  return Object.fromEntries(chain.map((service) => [service.name, make(service)])) as Record<ServiceName, T>;
}

/** Names in a sentence: `order, payment and shipment`. */
export function inWords(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(names);
}
