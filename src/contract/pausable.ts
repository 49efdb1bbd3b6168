// In which states an instance can be paused: what main allows, and what menus offer. No zod: the page reads it at its start.
import type { InstanceState } from './types';

export const pausable: ReadonlySet<InstanceState> = new Set(['creating', 'loading', 'running', 'scheduling', 'rebooting', 'frozen', 'exited']);
