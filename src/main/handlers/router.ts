// The contract with all its handlers; both transports serve this one router.
import { auth } from './auth';
import { instances } from './instances';
import { events, operations } from './operations';
import { settings } from './settings';
import { shell } from './shell';
import { snapshots } from './snapshots';
import { system } from './system';
import { open } from './base';

export const router = open.router({ system, auth, instances, operations, snapshots, settings, events, shell });
