/** chain.ts against what cannot import it, and against what each service says of its documents. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ChainService, chain } from '../../../chain.ts';
import type { Resource } from '../../../shared/src/core/resource.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What a file must say of a service; text that is nowhere is missing. `next` is who is behind it. */
const demands: Record<string, (service: ChainService, next: ChainService | undefined) => string[]> = {
  'package.json': ({ folder }) => [`    "${folder}"`],
  'package-lock.json': ({ folder }) => [`    "node_modules/@holdfast/${folder}": {`],
  Dockerfile: ({ folder }) => [
    `COPY ${folder}/package.json ${folder}/`,
    ` -w ${folder}`,
    `COPY ${folder}/src ${folder}/src`,
  ],
  '.dockerignore': ({ folder }) => [`!${folder}`],
  'docker-compose.yaml': ({ name, folder }, next) => [
    `    command: [node, ${folder}/src/main.ts]`,
    `      ID: ${name}`,
    ...(next ? [`      CHAIN_SVC: dns+http://${next.name}:3000/create`] : []),
    `${name}=dns+http://${name}:3000`,
  ],
  'docker-compose.override.yaml': ({ port }) => (port === chain[0].port ? [] : [`"127.0.0.1:${port}:3000"`]),
  'tests.http': ({ name, port }) => [`@${name} = http://127.0.0.1:${port}`],
  'deploy/prometheus/prometheus.local.yaml': ({ name, port }) => [
    `targets: ["127.0.0.1:${port}"]`,
    `labels: { service: ${name} }`,
  ],
  'deploy/mongo-replica-set/docker-compose.yaml': ({ name }) => [`  ${name}:\n`],
  'deploy/canary/docker-compose.yaml': ({ name, folder, port }) => [
    `    command: [node, ${folder}/src/main.ts]`,
    `  ${name}-canary:\n`,
    `"127.0.0.1:${port}:${port}"`,
  ],
  'deploy/canary/haproxy.cfg': ({ name, port }) => [
    `frontend ${name}\n`,
    `${name.toUpperCase()}_PORT-${port}}`,
    `backend ${name}\n`,
    `backend ${name}_stable\n`,
    `backend ${name}_canary\n`,
  ],
  'deploy/kubernetes/base/kustomization.yaml': ({ name }) => [
    `  - ${name}/deployment.yaml`,
    `  - ${name}/service.yaml`,
    `  - ${name}/disruption-budget.yaml`,
    `  - ${name}/autoscaler.yaml`,
  ],
  'deploy/kubernetes/base/network.yaml': ({ name }) => [`app.kubernetes.io/name: ${name}\n`],
};

/** What is missing, each with the line that says it of the service before: `file:line: what`. */
function findMissing(services: readonly ChainService[]): string[] {
  return Object.entries(demands).flatMap(([file, demand]) => {
    const text = readFileSync(`${root}${file}`, 'utf8');
    return services.flatMap((service, index) =>
      demand(service, services[index + 1]).flatMap((wanted, at) => {
        if (text.includes(wanted)) return [];
        const before = services[index - 1];
        const sibling = before === undefined ? undefined : demand(before, service)[at];
        const line = sibling === undefined ? -1 : text.indexOf(sibling);
        const where = line < 0 ? 1 : text.slice(0, line).split('\n').length;
        return `${file}:${where}: ${service.name} needs "${wanted.trim()}" after this line`;
      }),
    );
  });
}

describe('what cannot import chain.ts', () => {
  it('names every service of it', () => {
    expect(findMissing(chain)).toEqual([]);
  });

  it('would be told, with file and line, where a service is missing', () => {
    const extra = { name: 'nowhere', plural: 'nowheres', folder: 'nowhere', port: 3999 };
    const missing = findMissing([...chain, extra]);
    expect(new Set(missing.map((line) => line.split(':')[0]))).toEqual(new Set(Object.keys(demands)));
    const at = lineOf('docker-compose.yaml', `    command: [node, ${chain.at(-1)?.folder}/src/main.ts]`);
    expect(missing).toContain(
      `docker-compose.yaml:${at}: nowhere needs "command: [node, nowhere/src/main.ts]" after this line`,
    );
  });
});

describe.each(chain.map((service, index) => [service.name, service, chain[index + 1]] as const))(
  '%s',
  (name, service: ChainService, next: ChainService | undefined) => {
    it('is defined as chain.ts says', async () => {
      const { folder, plural, ledger = false } = service;
      const definition = (await import(`${root}${folder}/src/${name}.ts`))[name] as Resource;
      expect({
        singular: definition.singular,
        plural: definition.plural,
        part: definition.child.pointer,
        next: definition.child.kind?.singular,
        ledger: definition.amount !== undefined,
        refusedState: definition.refusedState,
      }).toEqual({
        singular: name,
        plural,
        part: next === undefined ? '' : `/${next.name}`,
        next: next?.name,
        ledger,
        refusedState: ledger ? 'refunded' : 'cancelled',
      });
    });

    it('has the part behind it as chain.ts says: always, or perhaps', async () => {
      if (next === undefined) return;
      const definition = (await import(`${root}${service.folder}/src/${name}.ts`))[name] as Resource;
      const { [next.name]: _, ...without } = definition.example;
      expect(definition.schema.safeParse(without).success).toBe(next.optional === true);
    });

    it('listens where chain.ts says', () => {
      const main = readFileSync(`${root}${service.folder}/src/main.ts`, 'utf8');
      expect(main).toMatch(new RegExp(`id: '${name}',\\s+port: ${service.port}\\b`));
    });
  },
);

function lineOf(file: string, wanted: string): number {
  const text = readFileSync(`${root}${file}`, 'utf8');
  return text.slice(0, text.indexOf(wanted)).split('\n').length;
}
