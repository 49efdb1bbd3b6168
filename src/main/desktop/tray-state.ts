// What the tray model is made from.
import type { Operation, OperationKind, Source } from '../../contract';
import type { Facts, Need } from '../domain/needs';
import type { Language } from './words';

/** Something that was asked for in the tray and was refused before an operation of it existed. */
export interface Refusal {
  readonly id: string;
  readonly kind: OperationKind;
  readonly instanceId: number;
  readonly label: string;
  readonly problem: string | null;
  /** ms */
  readonly at: number;
}

/** What was done from the tray and has not been looked at. */
export interface TrayDoings {
  /** Asked for, and Vast.ai has not answered yet: `pause 7`. */
  readonly pending: ReadonlySet<string>;
  readonly refused: readonly Refusal[];
  /** "Pause all" under way. */
  readonly pausingAll: { readonly done: number; readonly total: number } | null;
  /** Operations that were begun here. */
  readonly begun: ReadonlySet<string>;
  /** Occurrences of needs, and operations begun here, that the user has looked at. */
  readonly seen: ReadonlySet<string>;
}

export interface TrayState extends Facts {
  readonly language: Language;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signedIn: boolean;
  readonly sources: readonly Source[];
  readonly needs: readonly Need[];
  readonly doings: TrayDoings;
  /** For when nobody is signed in. */
  readonly lastSpend: { readonly perHour: number; readonly at: number } | null;
}

export const nothingDone: TrayDoings = { pending: new Set(), refused: [], pausingAll: null, begun: new Set(), seen: new Set() };

/** The word under which an action on an instance is pending. */
export const pendingKey = (kind: OperationKind, instanceId: number): string => `${kind} ${String(instanceId)}`;

export const isActive = (operation: Operation): boolean => operation.ended_at === null;
