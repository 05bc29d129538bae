/** Opens the database of an operator's command: `MONGO_URL`, or the one of a running `npm start`. */

import { mongoUrl } from '@holdfast/shared/app/hop-settings.ts';
import { integer, readSettings, secretText, text } from '@holdfast/shared/core/config.ts';
import { withoutCredentials } from '@holdfast/shared/core/redact.ts';
import { type Db, MongoClient } from 'mongodb';
import { chain, inWords, startPorts } from '../../chain.ts';
import type { ServiceIds } from './documents.ts';

const idOf = (service: string) =>
  text(service, {
    form: /^[a-z][a-z0-9-]{0,31}$/,
    range: 'the ID of a service',
    about: `The ID of the ${service} service; its documents are in the collection ID + "s".`,
  });

/** The settings of the operator's commands. */
export const operatorSettings = {
  MONGO_URL: secretText({
    ...mongoUrl,
    about: 'The database of the chain; by default the embedded one of a running npm start.',
  }),
  PORT_BASE: integer(startPorts.base.usual, {
    ...startPorts.base,
    about: `The PORT_BASE of the running npm start; its database is at +${startPorts.database}.`,
  }),
};

/** The ID of each service, by the name of its setting. */
const idSettings = Object.fromEntries(chain.map(({ name }) => [toIdSetting(name), idOf(name)]));

/** The names of these settings, for a sentence. */
const idSettingsInWords = inWords(Object.keys(idSettings));

/** Which database an operator's command works on, for its help. */
export const operatorNotes = `The database is that of a running npm start, or MONGO_URL; PORT_BASE and ${idSettingsInWords} are those of the chain.`;

/** An open database, with the IDs of the services that keep their documents there. */
export interface OperatorDatabase {
  readonly db: Db;
  readonly ids: ServiceIds;
  /** Its name and hosts, without credentials. */
  readonly place: string;
  close(): Promise<void>;
}

/**
 * Opens the database that the environment names.
 * @throws {SettingsError} when a setting is not legal.
 * @throws {Error} when there is no answer within three seconds.
 */
export async function openOperatorDatabase(): Promise<OperatorDatabase> {
  const settings = readSettings(operatorSettings);
  const given = readSettings(idSettings);
  const url = settings.MONGO_URL || `mongodb://127.0.0.1:${settings.PORT_BASE + startPorts.database}/`;
  const client = await connect(url);
  const db = openDb(client, url);
  return {
    db,
    ids: Object.fromEntries(chain.map(({ name }) => [name, `${given[toIdSetting(name)]}`])),
    place: toPlace(client, db),
    close: () => client.close(),
  };
}

function toIdSetting(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_ID`;
}

/** The driver's errors can quote the URL with its password. */
async function connect(url: string): Promise<MongoClient> {
  try {
    return await new MongoClient(url, { serverSelectionTimeoutMS: 3000, connectTimeoutMS: 3000 }).connect();
  } catch (error) {
    throw new Error(withoutCredentials(error instanceof Error ? error.message : String(error)));
  }
}

/** Where a database is, in words and without credentials. */
function toPlace({ options }: MongoClient, { databaseName }: Db): string {
  return `database "${databaseName}" at ${options.srvHost ?? options.hosts.join(', ')}`;
}

/** The database that a URL names in its path, else `holdfast`, as the services have it. */
export function openDb(client: MongoClient, url: string): Db {
  return client.db(/^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/.test(url) ? undefined : 'holdfast');
}
