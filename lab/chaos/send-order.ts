/** One request of a customer, with the answer or none. */

/** The answer that a customer got. */
export interface OrderAnswer {
  /** 0 when no whole answer came. */
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly ms: number;
}

/** Sends an order to the front door; the time-out is 2.5 s. */
export async function sendOrder(url: string, order: unknown): Promise<OrderAnswer> {
  const startedAt = performance.now();
  const answer = await fetch(`${url}/create`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(order),
    signal: AbortSignal.timeout(2500),
  })
    .then(async (response) => ({
      status: response.status,
      body: (await response.json()) as OrderAnswer['body'],
    }))
    .catch(() => ({ status: 0, body: undefined })); // refused, reset or cut short: the result is unknown
  return { ...answer, ms: performance.now() - startedAt };
}
