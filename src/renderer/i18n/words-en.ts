// All words of the language en, loaded as one chunk.
import common from './en/common.json';
import errors from './en/errors.json';
import session from './en/session.json';
import offers from './en/offers.json';
import instances from './en/instances.json';
import snapshots from './en/snapshots.json';
import files from './en/files.json';
import schedules from './en/schedules.json';
import operations from './en/operations.json';
import repositories from './en/repositories.json';
import settings from './en/settings.json';
import notices from './en/notices.json';

/** By namespace. */
export const words = { common, errors, session, offers, instances, snapshots, files, schedules, operations, repositories, settings, notices };
