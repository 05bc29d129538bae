/**
 * The settings of the lab: its address, its services, and the access to its controls.
 *
 * The services are a fixed list. The lab never calls an address from a request.
 */

import { hopSettings, mongoUrl } from '@holdfast/shared/app/hop-settings.ts';
import { type SettingsOf, secretText, text } from '@holdfast/shared/core/config.ts';
import { chain, startPorts } from '../../chain.ts';

/** One service, or one instance of it, that the lab shows. */
export interface ServiceAddress {
  /** Its name on the page and in paths; instances of one service share it. */
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
}

/** An address in the settings. */
export interface ConfiguredAddress extends ServiceAddress {
  /** Every address behind the host of the URL is an instance. */
  readonly isHostName: boolean;
}

const place = String.raw`[a-z][a-z0-9-]{0,31}=(?:http:\/\/[A-Za-z0-9.[\]:-]{1,200}|dns\+http:\/\/[A-Za-z0-9][A-Za-z0-9._-]{0,190}(?::\d{1,5})?)`;
const common = hopSettings('lab', startPorts.base.usual + startPorts.lab);

/** The settings of the lab. */
export const labSettings = {
  HOST: common.HOST,
  PORT: common.PORT,
  LAB_SERVICES: text(chain.map(({ name, port }) => `${name}=http://127.0.0.1:${port}`).join(','), {
    form: new RegExp(`^${place}(,${place}){0,63}$`),
    range: 'name=http://host:port or name=dns+http://host:port, up to 64 of them, separated by commas',
    about:
      'The services that the lab shows, from the front door to the end of the chain; a name that comes again is another instance, and dns+http: is every address behind the host.',
  }),
  LAB_TOKEN: {
    ...common.LAB_TOKEN,
    about:
      'When set, every change and every look but at the bare page must carry it as `Authorization: Bearer`; the lab passes it on with changes to the services of LAB_SERVICES.',
  },
  LAB_HOSTS: {
    ...common.LAB_HOSTS,
    about: 'Names in `Host` by which the lab is called, beside addresses and localhost.',
  },
  LAB_DATA_DIR: text('', {
    form: /^[^\0]{0,1024}$/,
    range: 'a folder, or nothing',
    about:
      'Where the lab keeps the last 30 minutes, so that they survive its restart; empty keeps them in memory. `npm start` sets a folder in DATA_DIR.',
  }),
  MONGO_URL: secretText({
    ...mongoUrl,
    about:
      'The database of the chain, which the lab audits all the time and only reads; npm start gives its own. Empty: nothing is audited.',
  }),
  LOG_FORMAT: common.LOG_FORMAT,
  LOG_LEVEL: common.LOG_LEVEL,
  NO_COLOR: common.NO_COLOR,
  EXIT_WITH_PARENT: {
    ...common.EXIT_WITH_PARENT,
    about: '1 stops the lab when the process that started it is gone.',
  },
};

/** The values of the lab's settings. */
export type LabSettings = SettingsOf<typeof labSettings>;

/** Reads the list of `LAB_SERVICES`; its form is checked already. */
export function parseServices(list: string): ConfiguredAddress[] {
  return list.split(',').map((entry) => {
    const [name = '', address = ''] = entry.split('=', 2);
    const url = address.replace(/^dns\+/, '');
    return { name, url, isHostName: url !== address };
  });
}
