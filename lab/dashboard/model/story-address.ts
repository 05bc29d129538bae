/** The address of a story on the page, and what people paste to find an order. */

/** The part of the address behind `#`, for the story of an order. */
export function toStoryHash(id: string): string {
  return `#/orders/${encodeURIComponent(id)}`;
}

/** The order that the part of the address behind `#` names. */
export function toStoryId(hash: string): string | undefined {
  const [, id] = /^#\/orders\/([^/?]+)$/.exec(hash) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** The id in what was pasted: an id, an answer of a service, or an address of an order. */
export function toPastedId(text: string): string | undefined {
  const trimmed = text.trim();
  const [, inJson] = /"id"\s*:\s*"([^"]+)"/.exec(trimmed) ?? [];
  if (inJson !== undefined) return inJson;
  const [, inPath] = /\/orders\/([^/?#\s]+)/.exec(trimmed) ?? [];
  if (inPath !== undefined) return toStoryId(`#/orders/${inPath}`);
  const [id] = trimmed.replace(/^"|"$/g, '').split(/\s/);
  return id === '' ? undefined : id;
}
