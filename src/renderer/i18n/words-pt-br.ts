// All words of the language pt-BR, loaded as one chunk.
import common from './pt-BR/common.json';
import errors from './pt-BR/errors.json';
import session from './pt-BR/session.json';
import offers from './pt-BR/offers.json';
import instances from './pt-BR/instances.json';
import snapshots from './pt-BR/snapshots.json';
import files from './pt-BR/files.json';
import schedules from './pt-BR/schedules.json';
import operations from './pt-BR/operations.json';
import repositories from './pt-BR/repositories.json';
import settings from './pt-BR/settings.json';
import notices from './pt-BR/notices.json';

/** By namespace. */
export const words = { common, errors, session, offers, instances, snapshots, files, schedules, operations, repositories, settings, notices };
