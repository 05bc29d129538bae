/**
 * Network policies in words: who may talk to whom.
 */
import type { Manifest } from './kubernetes-schema.ts';
import { type Labels, ofKind } from './manifests.ts';

/** One line of a network policy. */
export interface Edge {
  readonly policy: string;
  readonly direction: 'Ingress' | 'Egress';
  /** The Pods that it is about, and the Pods of the chain at the other end. */
  readonly pods: readonly Labels[];
  /** `order → payment:3000`; a namespace in brackets when the other end is outside, `*` when it is anywhere. */
  readonly words: readonly string[];
}

/** What the network policies allow, in words. */
export function findEdges(all: readonly Manifest[]): Edge[] {
  type Peer = { podSelector?: { matchLabels: Labels }; namespaceSelector?: { matchLabels: Labels } };
  type Rule = { from?: Peer[]; to?: Peer[]; ports: { protocol: string; port: number }[] };
  type Spec = { podSelector: { matchLabels?: Labels }; ingress?: Rule[]; egress?: Rule[] };
  const nameOf = (labels: Labels = {}) => labels['app.kubernetes.io/name'] ?? 'all';
  const toName = ({ podSelector, namespaceSelector }: Peer) =>
    namespaceSelector === undefined
      ? nameOf(podSelector?.matchLabels)
      : `[${namespaceSelector.matchLabels['kubernetes.io/metadata.name']}]`;
  return ofKind(all, 'NetworkPolicy').flatMap((manifest) => {
    const { podSelector, ingress = [], egress = [] } = (manifest as unknown as { spec: Spec }).spec;
    const here = nameOf(podSelector.matchLabels);
    const toEdge = (direction: Edge['direction'], { from, to, ports }: Rule): Edge => {
      const peers = from ?? to ?? [];
      const names = peers.length === 0 ? ['*'] : peers.map(toName);
      const inside = peers.filter(({ namespaceSelector }) => namespaceSelector === undefined);
      return {
        policy: manifest.metadata.name,
        direction,
        pods: [podSelector.matchLabels ?? {}, ...inside.map((peer) => peer.podSelector?.matchLabels ?? {})],
        words: names.flatMap((name) =>
          ports.map(({ protocol, port }) =>
            direction === 'Ingress'
              ? `${name} → ${here} ${protocol} ${port}`
              : `${here} → ${name} ${protocol} ${port}`,
          ),
        ),
      };
    };
    return [
      ...ingress.map((rule) => toEdge('Ingress', rule)),
      ...egress.map((rule) => toEdge('Egress', rule)),
    ];
  });
}
