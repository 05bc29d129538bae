/** The lab as a process: the page to watch and to break the chain. Settings → log → run → ready. */
import { isJsonAsked, readSettings, SettingsError } from '@holdfast/shared/core/config.ts';
import { ListenError, onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import {
  announce,
  complain,
  createLog,
  speakJson,
  warnOfMisspelled,
} from '@holdfast/shared/observability/log.ts';
import { runLab } from './run-lab.ts';
import { type LabSettings, labSettings } from './settings.ts';

if (isJsonAsked()) speakJson('lab');
const settings = readSettingsOrEnd();
const log = createLog({
  service: 'lab',
  format: settings.LOG_FORMAT,
  level: settings.LOG_LEVEL,
  color: settings.NO_COLOR === '',
});
// Who has started it knows more names, and has told of them.
if (!settings.EXIT_WITH_PARENT) warnOfMisspelled(log, Object.keys(labSettings));
const lab = await runLab({ settings, log }).catch((error: unknown) =>
  end(error instanceof ListenError ? error.message : String(error)),
);

onStopSignal(
  async (why) => {
    log.info(`stopping: ${why}`);
    await lab.stop();
    log.info('stopped');
    process.exit(0);
  },
  { withParent: settings.EXIT_WITH_PARENT },
);
await lab.ready;
log.info(`the dashboard is at ${lab.url}`);
announce(`ready lab=${lab.url}`);

function readSettingsOrEnd(): LabSettings {
  try {
    return readSettings(labSettings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return end(error.message);
  }
}

function end(why: string): never {
  complain(why);
  process.exit(1);
}
