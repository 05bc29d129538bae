/** The first question to whatever a service, a page or a file sent. */

/** Whether a value is an object with names, so that its fields may be looked at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
