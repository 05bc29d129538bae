/** Writes the addresses of servers as URLs. */

/** The URL of a host name or an address; IPv6 gets its brackets. */
export function toHttpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The URL at which what listens on `host` is called: every address means this machine. */
export function toReachableUrl(host: string, port: number): string {
  return toHttpUrl(host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port);
}
