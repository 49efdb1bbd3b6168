// What operations, their states and phases are called, and which tone they have.
import { Archive, CirclePause, CirclePlay, Filter, FolderInput, History, ListTree, Recycle, Rocket, ScanSearch, ShieldCheck, SquareTerminal, Trash2, Wrench, type LucideIcon } from 'lucide-react';
import type { Operation, OperationKind, OperationState, Progress } from '../../../contract/types';
import type { formatters } from '../../ui/format';

/** An icon per kind. */
export const kindIcons: Readonly<Record<OperationKind, LucideIcon>> = {
  create: Rocket,
  pause: CirclePause,
  resume: CirclePlay,
  destroy: Trash2,
  snapshot: Archive,
  restore: History,
  delete_snapshot: Trash2,
  rehearse: ShieldCheck,
  import: FolderInput,
  repair: Wrench,
  preview: ScanSearch,
  index: ListTree,
  prune: Recycle,
  check: ShieldCheck,
  retention: Filter,
  command_after: SquareTerminal,
};

export type Tone = 'busy' | 'ok' | 'warn' | 'bad' | 'quiet';

const tones: Readonly<Record<OperationState, Tone>> = {
  queued: 'busy',
  running: 'busy',
  cancelling: 'busy',
  succeeded: 'ok',
  warnings: 'warn',
  failed: 'bad',
  cancelled: 'quiet',
  unknown: 'warn',
};

/** The tone of a state; a question is a warning whatever the state. */
export const toneOf = ({ state, asks }: Pick<Operation, 'state' | 'asks'>): Tone => (asks !== null ? 'warn' : tones[state]);

/** Phases that there are words for; main may name others. */
export const phases = ['before', 'connect', 'probe', 'scan', 'fetch', 'backup', 'verify', 'dump', 'restore', 'compare', 'check', 'delete', 'contents', 'queue', 'prune', 'checking', 'retention', 'snapshot_first', 'wait', 'confirm', 'import', 'copies', 'index', 'packs', 'snapshots', 'check_all'] as const;

/** The key of a phase's words. */
export const phaseKey = (phase: string): (typeof phases)[number] | 'other' => phases.find((known) => known === phase) ?? 'other';

/** `1.2 of 3 GB · 40 of 812 files`, of what is counted. */
export function amounts(progress: Progress, format: ReturnType<typeof formatters>, words: Readonly<{ of: (done: string, total: string) => string; files: (text: string) => string }>): string {
  const { bytes_done: bytes, bytes_total: allBytes, files_done: files, files_total: allFiles } = progress;
  const parts: string[] = [];
  if (allBytes !== null && allBytes > 0) parts.push(words.of(format.bytes(bytes), format.bytes(allBytes)));
  else if (bytes > 0) parts.push(format.bytes(bytes));
  if (allFiles !== null && allFiles > 0) parts.push(words.files(words.of(format.number(files), format.number(allFiles))));
  else if (files > 0) parts.push(words.files(format.number(files)));
  return parts.join(' · ');
}

/** Seconds that an operation has taken, so far or in all. */
export const secondsTaken = ({ created_at, ended_at }: Pick<Operation, 'created_at' | 'ended_at'>, now: number): number =>
  Math.max(0, ((ended_at === null ? now : Date.parse(ended_at)) - Date.parse(created_at)) / 1000);
