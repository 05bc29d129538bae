/**
 * What no schema can see: whether the objects of one deployment belong together. Answers what does not, in sentences.
 */

import { isDeepStrictEqual } from 'node:util';
import { hopSettings } from '@holdfast/shared/app/hop-settings.ts';
import { readSettings, SettingsError } from '@holdfast/shared/core/config.ts';
import { parseAddresses } from '@holdfast/shared/discovery/addresses.ts';
import { paymentSettings } from '../../../payment/src/config.ts';
import { shipmentSettings } from '../../../shipment/src/config.ts';
import type { Manifest } from './kubernetes-schema.ts';
import { type Labels, ofKind } from './manifests.ts';
import { findEdges } from './network-edges.ts';

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string };
  };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number | string };
}

/** A container, as far as it is looked at here. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly securityContext?: unknown;
  readonly resources?: { readonly requests?: Labels; readonly limits?: Labels };
}

/** A Deployment, as far as it is looked at here. */
export interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
      readonly spec: {
        readonly automountServiceAccountToken: boolean;
        readonly enableServiceLinks: boolean;
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: unknown;
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
        readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
        readonly topologySpreadConstraints: readonly {
          readonly labelSelector: { readonly matchLabels: Labels };
        }[];
      };
    };
  };
}

interface Service extends Manifest {
  readonly spec: {
    readonly clusterIP?: string;
    readonly selector: Labels;
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
  };
}

interface ConfigMap extends Manifest {
  readonly data: Labels;
}

/** Secrets that the README says to create, and their keys. */
export const secrets: Readonly<Record<string, readonly string[]>> = {
  'holdfast-mongo': ['MONGO_URL'],
  'holdfast-lab': ['LAB_TOKEN'],
};

/** Everything that does not belong together in one deployment; none when it does. */
export function crossCheck(all: readonly Manifest[]): string[] {
  const deployments = ofKind<Deployment>(all, 'Deployment');
  return [
    ...findUnmatchedSelectors(all, deployments),
    ...deployments.flatMap((deployment) => [
      ...findUnknownNames(all, deployment),
      ...findBadSettings(all, deployment),
      ...findBadNeighbour(all, deployment),
    ]),
  ];
}

/** Selectors of any object that no Pod answers to; the empty one means all. */
function findUnmatchedSelectors(all: readonly Manifest[], deployments: readonly Deployment[]): string[] {
  const pods = deployments.map(({ spec }) => spec.template.metadata.labels);
  const matches = (selector: Labels) =>
    pods.some((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value));
  const selected: [string, Labels][] = [
    ...ofKind<Service>(all, 'Service').map(({ metadata, spec }): [string, Labels] => [
      `Service ${metadata.name}`,
      spec.selector,
    ]),
    ...ofKind(all, 'PodDisruptionBudget').map((budget): [string, Labels] => [
      `PodDisruptionBudget ${budget.metadata.name}`,
      (budget as Deployment).spec.selector.matchLabels,
    ]),
    ...deployments.flatMap(({ metadata, spec }): [string, Labels][] => [
      [`Deployment ${metadata.name}`, spec.selector.matchLabels],
      ...spec.template.spec.topologySpreadConstraints.map(({ labelSelector }): [string, Labels] => [
        `the spread of ${metadata.name}`,
        labelSelector.matchLabels,
      ]),
    ]),
    ...findEdges(all).flatMap(({ policy, pods: peers }): [string, Labels][] =>
      peers.map((peer) => [`NetworkPolicy ${policy}`, peer]),
    ),
  ];
  const scaled = ofKind(all, 'HorizontalPodAutoscaler').map((scaler) => {
    const { name } = (scaler as unknown as { spec: { scaleTargetRef: { name: string } } }).spec
      .scaleTargetRef;
    return deployments.some(({ metadata }) => metadata.name === name)
      ? ''
      : `the autoscaler of ${name} scales nothing`;
  });
  return [
    ...selected.filter(([, selector]) => !matches(selector)).map(([who]) => `${who} selects no Pod`),
    ...scaled.filter(Boolean),
  ];
}

/** ConfigMaps, Secrets, ports and paths that a Deployment names and nobody has. */
function findUnknownNames(all: readonly Manifest[], { metadata, spec }: Deployment): string[] {
  const maps = new Set(ofKind(all, 'ConfigMap').map((map) => map.metadata.name));
  const { containers, initContainers = [], volumes = [] } = spec.template.spec;
  const bad: string[] = [];
  const requireMap = (name: string) => maps.has(name) || bad.push(`there is no ConfigMap ${name}`);
  for (const { configMap } of volumes) if (configMap !== undefined) requireMap(configMap.name);
  for (const container of [...initContainers, ...containers]) {
    for (const { configMapRef } of container.envFrom ?? []) requireMap(configMapRef.name);
    for (const { valueFrom } of container.env ?? []) {
      const secret = valueFrom?.secretKeyRef;
      if (secret !== undefined && !secrets[secret.name]?.includes(secret.key))
        bad.push(`nobody is told to create the Secret ${secret.name} with ${secret.key}`);
    }
    const ports = new Set(container.ports?.map(({ name }) => name));
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      if (probe !== undefined && !ports.has(`${probe.httpGet.port}`))
        bad.push(`${container.name} is probed at ${probe.httpGet.port}, which it does not have`);
    }
  }
  return bad.map((words) => `Deployment ${metadata.name}: ${words}`);
}

/** Settings that the service does not know, or would refuse at its start. */
function findBadSettings(all: readonly Manifest[], deployment: Deployment): string[] {
  const { name } = deployment.metadata;
  const own = name === 'payment' ? paymentSettings : name === 'shipment' ? shipmentSettings : {};
  const table = { ...hopSettings(name, 3000), ...own };
  const env = toEnvironment(all, deployment);
  const unknown = Object.keys(env).filter((key) => !(key in table));
  try {
    readSettings(table, env);
    return unknown.map((key) => `${name} knows no setting ${key}`);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [`${name} would not start: ${error.message}`];
  }
}

/** The environment of a service in its Pod; Secrets and fields of the Pod as examples. */
export function toEnvironment(all: readonly Manifest[], { spec }: Deployment): Record<string, string> {
  const examples: Labels = { MONGO_URL: 'mongodb://mongo.example/holdfast', LAB_TOKEN: 'a-secret-of-nobody' };
  const [container] = spec.template.spec.containers;
  const maps = ofKind<ConfigMap>(all, 'ConfigMap');
  return Object.assign(
    {},
    ...(container?.envFrom ?? []).map(
      ({ configMapRef }) => maps.find(({ metadata }) => metadata.name === configMapRef.name)?.data,
    ),
    ...(container?.env ?? []).map(({ name, value, valueFrom }) => ({
      [name]: value ?? examples[valueFrom?.secretKeyRef?.key ?? ''] ?? valueFrom?.fieldRef?.fieldPath,
    })),
  );
}

/** A `dns+http://` address that no headless Service has, or that leads to another port than the Pods listen on. */
function findBadNeighbour(all: readonly Manifest[], deployment: Deployment): string[] {
  const { CHAIN_SVC = '', PORT } = toEnvironment(all, deployment);
  const bad: string[] = [];
  for (const address of parseAddresses(CHAIN_SVC)) {
    if (address.kind !== 'dns') continue;
    const [service, namespace, ...domain] = address.host.split('.');
    const found = ofKind<Service>(all, 'Service').find(({ metadata }) => metadata.name === service);
    if (found?.spec.clusterIP !== 'None') bad.push(`${service} is no headless Service`);
    if (!ofKind(all, 'Namespace').some(({ metadata }) => metadata.name === namespace))
      bad.push(`${namespace} is not the namespace`);
    if (!isDeepStrictEqual(domain, ['svc', 'cluster', 'local'])) bad.push(`${address.host} is no whole name`);
    // Behind a headless Service there is nobody to translate ports.
    if (`${address.port}` !== PORT) bad.push(`${address.host} is asked at ${address.port}`);
  }
  return bad.map((words) => `Deployment ${deployment.metadata.name}: ${words}`);
}
