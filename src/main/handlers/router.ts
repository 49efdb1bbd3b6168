// The contract with all its handlers; both transports serve this one router.
import type { Router } from '@orpc/server';
import type { Contract } from '../../contract';
import { auth } from './auth';
import { files } from './files';
import { instances } from './instances';
import { events, notices, operations } from './operations';
import { maintenance } from './maintenance';
import { schedules } from './schedules';
import { proofs } from './proofs';
import { repositories } from './repositories';
import { settings } from './settings';
import { shell } from './shell';
import { snapshots } from './snapshots';
import { sources } from './sources';
import { system } from './system';
import { open } from './base';
import type { RequestContext } from './context';

export const router: Router<Contract, RequestContext> = open.router({ system, auth, instances, operations, snapshots, files, proofs, repositories, sources, schedules, maintenance, settings, events, notices, shell });
