// The one contract: what can be asked, over IPC and over HTTP alike.
import { auth } from './auth';
import { events } from './events';
import { files } from './files';
import { instances } from './instances';
import { maintenance } from './maintenance';
import { notices } from './notices';
import { operations } from './operations';
import { proofs } from './proofs';
import { repositories } from './repositories';
import { schedules } from './schedules';
import { settings } from './settings';
import { snapshots } from './snapshots';
import { sources } from './sources';
import { shell, system } from './system';

export const contract = { system, auth, instances, operations, snapshots, files, proofs, repositories, sources, schedules, maintenance, settings, events, notices, shell };

export type Contract = typeof contract;
export * from './commands';
export * from './pausable';
export * from './errors';
export type * from './types';
