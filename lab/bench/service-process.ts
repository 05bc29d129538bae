/** How a service of the chain is started to be measured: a free port, default settings, and only warnings in its log. */
import { fileURLToPath } from 'node:url';
import type { ChainService } from '../../chain.ts';
import { environmentWith } from '../../shared/src/core/config.ts';
import type { ProcessOptions } from './process.ts';

/** What differs from one process to the other. */
export interface ServiceSettings {
  readonly mongoUrl: string;
  /** The create endpoint of the next service; empty at the end of the chain. */
  readonly next: string;
  readonly nodeFlags?: readonly string[];
  /** On top of the other settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The process of a service. */
export function toServiceProcess(
  { name, folder }: Pick<ChainService, 'name' | 'folder'>,
  { mongoUrl, next, nodeFlags = [], env = {} }: ServiceSettings,
): ProcessOptions {
  return {
    script: fileURLToPath(new URL(`../../${folder}/src/main.ts`, import.meta.url)),
    args: [],
    nodeFlags,
    env: environmentWith({
      ID: name,
      PORT: '0',
      HOST: '127.0.0.1',
      MONGO_URL: mongoUrl,
      CHAIN_SVC: next || undefined,
      DRAIN_MS: '0',
      LAB: '0',
      LOG_LEVEL: 'warn',
      EXIT_WITH_PARENT: '1',
      ...env,
    }),
  };
}
