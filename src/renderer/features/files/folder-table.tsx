// The rows of a folder: a virtual grid with a box to choose each, and the keys of a file manager.
import { Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SnapshotFile } from '../../../contract';
import { useFormat } from '../../ui/format';
import { VirtualTable, type TableColumn, type TableSort } from '../../ui/virtual-table';
import { keyOf, type FileKey } from './address';
import { FileName } from './file-name';
import type { Sorting } from './use-files';
import classes from './files.module.css';

export interface FolderTableProps {
  readonly at: FileKey;
  readonly rows: readonly SnapshotFile[];
  /** The rows are still those of the folder before. */
  readonly old: boolean;
  readonly filter: string;
  readonly sort: Sorting;
  readonly onSort: (sort: Sorting) => void;
  readonly chosen: ReadonlyMap<FileKey, SnapshotFile>;
  readonly onChoose: (file: SnapshotFile) => void;
  /** Chooses all of these, those that are chosen already too. */
  readonly onChooseAll: (files: readonly SnapshotFile[]) => void;
  readonly selected: FileKey | null;
  readonly onOpen: (file: SnapshotFile) => void;
  /** Backspace. */
  readonly onUp: () => void;
  /** A character that begins a filter. */
  readonly onType: (text: string) => void;
  readonly empty: ReactNode;
}

const sortable: readonly Sorting['id'][] = ['name', 'size', 'mtime'];

type Choose = (file: SnapshotFile, isRange: boolean) => void;

/** Chooses one, or with Shift all from the one that was chosen last. */
const useChoose = ({ rows, chosen, onChoose, onChooseAll }: Pick<FolderTableProps, 'rows' | 'chosen' | 'onChoose' | 'onChooseAll'>): { readonly choose: Choose; readonly chooseTo: (from: SnapshotFile, to: SnapshotFile) => void } => {
  const anchor = useRef<SnapshotFile | null>(null);
  const chooseTo = useCallback((from: SnapshotFile, to: SnapshotFile) => {
    const begin = anchor.current === null || !chosen.has(keyOf(anchor.current)) ? from : anchor.current;
    anchor.current = begin;
    const [one, other] = [rows.indexOf(begin), rows.indexOf(to)];
    if (one >= 0 && other >= 0) onChooseAll(rows.slice(Math.min(one, other), Math.max(one, other) + 1).filter(({ stored }) => stored));
  }, [rows, chosen, onChooseAll]);
  const choose = useCallback((file: SnapshotFile, isRange: boolean) => {
    if (isRange) return chooseTo(file, file);
    anchor.current = file;
    if (file.stored) onChoose(file);
  }, [chooseTo, onChoose]);
  return { choose, chooseTo };
};

const useColumns = ({ filter, chosen }: Pick<FolderTableProps, 'filter' | 'chosen'>, choose: Choose): readonly TableColumn<SnapshotFile>[] => {
  const { t } = useTranslation('files');
  const format = useFormat();
  const narrow = useMediaQuery('(max-width: 40em)') ?? false;
  return useMemo(() => {
    const all: readonly TableColumn<SnapshotFile>[] = [
      { id: 'choose', header: '', hint: t('column.choose'), width: 40, align: 'center', cell: (file) => <Checkbox size="xs" tabIndex={-1} disabled={!file.stored} checked={chosen.has(keyOf(file))} onChange={({ nativeEvent }) => choose(file, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)} aria-label={t('choose', { name: file.name })} /> },
      { id: 'name', header: t('column.name'), width: 150, grow: 1, sortable: true, cell: (file) => <FileName file={file} part={filter} /> },
      { id: 'size', header: t('column.size'), width: 92, align: 'end', sortable: true, cell: (file) => <span className="app-number">{file.type === 'symlink' ? '' : format.bytes(file.size)}</span> },
      { id: 'files', header: t('column.files'), width: 90, align: 'end', cell: (file) => <span className="app-number app-dim">{file.files === null ? '' : format.number(file.files)}</span> },
      { id: 'mtime', header: t('column.mtime'), width: 166, align: 'end', sortable: true, cell: (file) => <span className="app-number app-dim">{format.dateTime(file.mtime)}</span> },
    ];
    return narrow ? all.filter(({ id }) => id !== 'files' && id !== 'mtime') : all;
  }, [t, format, narrow, filter, chosen, choose]);
};

/** The row of the cell that has the focus; -1 for the header, null for anything else. */
const focusedRow = (target: EventTarget): number | null => {
  const cell = target instanceof HTMLElement ? target.dataset['cell'] : undefined;
  return cell === undefined ? null : Number(cell.split(':')[0]);
};

const isTyped = ({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean => key.length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;

/** The list. */
export function FolderTable(props: FolderTableProps) {
  const { at, rows, old, sort, onSort, selected, onOpen, onUp, onType, empty } = props;
  const { t } = useTranslation('files');
  const { choose, chooseTo } = useChoose(props);
  const columns = useColumns(props, choose);
  const box = useRef<HTMLDivElement>(null);
  /** The keyboard was in the list when the folder changed: it goes on in the new one. */
  const keepFocus = useRef(false);
  const shown = useRef(at);
  useEffect(() => {
    if (old || shown.current === at) return;
    shown.current = at;
    if (!keepFocus.current) return;
    keepFocus.current = false;
    const cell = (row: number) => box.current?.querySelector<HTMLElement>(`[data-cell="${row}:1"]`);
    // The header, where the folder is empty.
    const timer = setTimeout(() => (cell(0) ?? cell(-1))?.focus(), 60);
    return () => clearTimeout(timer);
  }, [at, old]);
  const hasFocus = (): boolean => box.current?.contains(document.activeElement) === true;
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const row = focusedRow(event.target);
    if (row === null) return;
    const file = rows[row];
    if (event.key === 'Backspace') {
      keepFocus.current = true;
      onUp();
    } else if (event.key === ' ' && file !== undefined) choose(file, event.shiftKey);
    else if (isTyped(event)) onType(event.key);
    else return;
    event.preventDefault();
  };
  const open = (file: SnapshotFile): void => {
    keepFocus.current = hasFocus();
    onOpen(file);
  };
  const sortBy = ({ id, descending }: TableSort): void => {
    const known = sortable.find((one) => one === id);
    // Sizes and times are asked for largest and newest first.
    if (known !== undefined) onSort({ id: known, descending: sort.id === known ? descending : known !== 'name' });
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the grid inside it
    <div ref={box} className={classes['list']} onKeyDown={onKeyDown}>
      <VirtualTable label={t('list')} rows={rows} columns={columns} rowKey={keyOf} sort={sort} onSort={sortBy} onOpen={open} onExtend={chooseTo} selectedKey={selected} rowHeight={32} empty={empty} />
    </div>
  );
}
