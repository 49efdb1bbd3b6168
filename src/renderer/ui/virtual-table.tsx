// A table that shows any number of rows smoothly and is a real grid for keyboard and screen reader. The caller sorts.
// oxlint-disable jsx-a11y/prefer-tag-over-role, jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus, react/incompatible-library -- rows of a virtual grid are placed freely, which table elements cannot be; the grid handles the keys of its cells, of which one is in the tab order.
import { tableFeatures, useTable } from '@tanstack/react-table';
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';
import { isMac } from './keyboard';
import { useRowMenu, type RowAction } from './row-menu';
import classes from './virtual-table.module.css';

/** One column. Widths are CSS pixels; what is left over goes to the columns by `grow`. */
export interface TableColumn<Row> {
  readonly id: string;
  /** Words of the header. */
  readonly header: string;
  /** Longer words, shown on hover and read aloud. */
  readonly hint?: string;
  readonly width: number;
  readonly grow?: number;
  readonly align?: 'start' | 'end' | 'center';
  readonly sortable?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

export interface TableSort {
  readonly id: string;
  readonly descending: boolean;
}

export interface VirtualTableProps<Row> {
  /** Name of the grid for who does not see it. */
  readonly label: string;
  /** Already sorted. Keep the array stable between renders. */
  readonly rows: readonly Row[];
  /** Keep stable (useMemo). */
  readonly columns: readonly TableColumn<Row>[];
  readonly rowKey: (row: Row) => string | number;
  readonly sort?: TableSort | null;
  readonly onSort?: (sort: TableSort) => void;
  /** Enter, or a click on a row. */
  readonly onOpen?: (row: Row) => void;
  /** Shift with an arrow up or down: the row it leaves and the row it goes to. Without it Shift changes nothing. */
  readonly onExtend?: (from: Row, to: Row) => void;
  /** What the context menu of a row offers, and what the menu is called. */
  readonly rowMenu?: (row: Row) => { readonly label: string; readonly actions: readonly RowAction[] };
  /** The row that is open, marked as selected. */
  readonly selectedKey?: string | number | null;
  /** CSS pixels; 36 by default. */
  readonly rowHeight?: number;
  /** Shown below the header when there are no rows. */
  readonly empty?: ReactNode;
  /** Height of the grid; by default it fills its parent. */
  readonly height?: CSSProperties['height'];
}

const features = tableFeatures({});
const HEADER_HEIGHT = 34;
/** Left and right of a row, CSS pixels. */
const rowPadding = 16;

/** Template of the CSS grid that header and rows share. */
export function columnTemplate(columns: readonly Pick<TableColumn<never>, 'width' | 'grow'>[]): string {
  return columns.map(({ width, grow }) => (grow === undefined ? `${width}px` : `minmax(${width}px, ${grow}fr)`)).join(' ');
}

/** The cell that an arrow key leads to; row -1 is the header. */
export function moveFocus(key: string, at: Readonly<{ row: number; column: number }>, size: Readonly<{ rows: number; columns: number; page: number }>, whole: boolean): { row: number; column: number } | null {
  const row = (to: number) => ({ row: Math.max(-1, Math.min(size.rows - 1, to)), column: at.column });
  const column = (to: number) => ({ row: at.row, column: Math.max(0, Math.min(size.columns - 1, to)) });
  switch (key) {
    case 'ArrowDown': return row(at.row + 1);
    case 'ArrowUp': return row(at.row - 1);
    case 'PageDown': return row(at.row + size.page);
    case 'PageUp': return row(Math.max(0, at.row - size.page));
    case 'ArrowRight': return column(at.column + 1);
    case 'ArrowLeft': return column(at.column - 1);
    case 'Home': return whole ? { row: 0, column: 0 } : column(0);
    case 'End': return whole ? { row: size.rows - 1, column: size.columns - 1 } : column(size.columns - 1);
    default: return null;
  }
}

/** A cell; row -1 is the header. */
interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** The one cell that is in the tab order. Its row is always drawn: a focused cell that is scrolled away would take the keys with it. */
function useFocusedCell(rows: number, columns: number) {
  const [focus, setFocus] = useState<CellPlace>({ row: -1, column: 0 });
  const at: CellPlace = { row: Math.min(focus.row, rows - 1), column: Math.min(focus.column, columns - 1) };
  const { row } = at;
  const rangeExtractor = useCallback((range: Range) => {
    const drawn = defaultRangeExtractor(range);
    return row < 0 || drawn.includes(row) ? drawn : [...drawn, row].toSorted((a, b) => a - b);
  }, [row]);
  return { at, setFocus, rangeExtractor };
}

/** Opens a row by Enter, sorts a column by Enter or Space on its header, moves by the arrow keys. */
function useGridKeys<Row>(props: VirtualTableProps<Row>, { at, setFocus }: Omit<ReturnType<typeof useFocusedCell>, 'rangeExtractor'>, scrollTo: (row: number) => void, page: () => number) {
  const { rows, columns, onOpen, onExtend, onSort, sort } = props;
  const grid = useRef<HTMLDivElement>(null);
  const moved = useRef<CellPlace | null>(null);
  // As soon as the cell is drawn, so that the next key finds it.
  useLayoutEffect(() => {
    if (moved.current === null) return;
    const cell = grid.current?.querySelector<HTMLElement>(`[data-cell="${moved.current.row}:${moved.current.column}"]`);
    moved.current = null;
    cell?.focus({ preventScroll: true });
  });
  const focusCell = (row: number, column: number) => {
    moved.current = { row, column };
    setFocus({ row, column });
    if (row >= 0) scrollTo(row);
  };
  const toggleSort = (id: string) => onSort?.({ id, descending: sort?.id === id ? !sort.descending : false });
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    if (target.dataset['cell'] === undefined) return;
    if (event.key === 'Enter' || (event.key === ' ' && at.row < 0)) {
      const column = columns[at.column];
      const row = rows[at.row];
      if (at.row < 0 && column?.sortable === true) toggleSort(column.id);
      else if (row !== undefined) onOpen?.(row);
      event.preventDefault();
      return;
    }
    if (event.altKey || (isMac ? event.ctrlKey : event.metaKey)) return;
    const to = moveFocus(event.key, at, { rows: rows.length, columns: columns.length, page: page() }, isMac ? event.metaKey : event.ctrlKey);
    if (to === null) return;
    event.preventDefault();
    const [left, reached] = [rows[at.row], rows[to.row]];
    if (event.shiftKey && to.row !== at.row && left !== undefined && reached !== undefined) onExtend?.(left, reached);
    focusCell(to.row, to.column);
  };
  return { grid, onKeyDown, toggleSort };
}

function useMenuOfRows<Row>(rowMenu: VirtualTableProps<Row>['rowMenu']): { readonly menu: ReactNode; readonly open: (event: MouseEvent, row: Row) => void } {
  const { menu, open } = useRowMenu();
  const openOf = (event: MouseEvent, row: Row): void => {
    const offered = rowMenu?.(row);
    if (offered !== undefined) open(event, offered.label, offered.actions);
  };
  return { menu, open: openOf };
}

/** A virtual grid: sticky sortable header, roving tabindex, aria-rowcount and -rowindex, one click or Enter opens a row. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, rows, columns, rowKey, sort, onOpen, selectedKey, rowMenu, rowHeight = 36, empty, height = '100%' } = props;
  const context = useMenuOfRows(rowMenu);
  const scroller = useRef<HTMLDivElement>(null);
  const definitions = useMemo(() => columns.map((column) => ({ id: column.id, header: column.header })), [columns]);
  const table = useTable<typeof features, { row: Row }>({ features, columns: definitions, data: useMemo(() => [] as { row: Row }[], []) });
  const focused = useFocusedCell(rows.length, columns.length);
  const virtual = useVirtualizer({ rangeExtractor: focused.rangeExtractor, count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, paddingStart: 0, scrollPaddingStart: HEADER_HEIGHT });
  const page = () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEADER_HEIGHT) / rowHeight));
  const keys = useGridKeys(props, focused, (row) => virtual.scrollToIndex(row), page);
  const { template, least } = useMemo(() => ({ template: columnTemplate(columns), least: columns.reduce((sum, { width }) => sum + width, rowPadding) }), [columns]);
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const line = { gridTemplateColumns: template };

  return (
    <div ref={scroller} className={classes['scroller']} style={{ height }}>
      <div ref={keys.grid} role="grid" aria-label={label} aria-rowcount={rows.length + 1} aria-colcount={columns.length} style={{ minWidth: least }} onKeyDown={keys.onKeyDown}>
        <div role="rowgroup" className={classes['head']}>
          {table.getHeaderGroups().map((group) => (
            <div key={group.id} role="row" aria-rowindex={1} className={classes['headRow']} style={line}>
              {group.headers.map((header, index) => {
                const column = byId.get(header.column.id);
                return column === undefined ? null : (
                  <HeaderCell key={header.id} column={column} index={index} sort={sort ?? null} focused={focused.at.row === -1 && focused.at.column === index} onFocus={() => focused.setFocus({ row: -1, column: index })} onSort={() => keys.toggleSort(column.id)} />
                );
              })}
            </div>
          ))}
        </div>
        <div role="rowgroup" className={classes['body']} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const key = rowKey(row);
            return (
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={selectedKey === undefined ? undefined : selectedKey === key}
                data-opens={onOpen !== undefined || undefined}
                className={classes['row']}
                style={{ ...line, height: rowHeight, transform: `translateY(${start}px)` }}
                onClick={(event) => { if (!isControl(event.target)) onOpen?.(row); }}
                onContextMenu={(event) => context.open(event, row)}
              >
                {columns.map((column, at) => (
                  <div key={column.id} role="gridcell" aria-colindex={at + 1} data-cell={`${index}:${at}`} data-align={column.align ?? 'start'} className={classes['cell']} tabIndex={focused.at.row === index && focused.at.column === at ? 0 : -1} onFocus={(event) => { if (event.target === event.currentTarget) focused.setFocus({ row: index, column: at }); }}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === 0 ? empty : null}
      {context.menu}
    </div>
  );
}

/** A click on a button or link inside a row is not a click on the row. */
const isControl = (target: EventTarget): boolean => target instanceof Element && target.closest('button, a, input, label, [role="menu"], [role="dialog"]') !== null;

interface HeaderCellProps<Row> {
  readonly column: TableColumn<Row>;
  readonly index: number;
  readonly sort: TableSort | null;
  readonly focused: boolean;
  readonly onFocus: () => void;
  readonly onSort: () => void;
}

function HeaderCell<Row>({ column, index, sort, focused, onFocus, onSort }: HeaderCellProps<Row>) {
  const sorted = sort?.id === column.id;
  const Arrow = sort?.descending === true ? ArrowDown : ArrowUp;
  const direction = sort?.descending === true ? 'descending' : 'ascending';
  return (
    <div
      role="columnheader"
      aria-colindex={index + 1}
      aria-sort={column.sortable === true ? (sorted ? direction : 'none') : undefined}
      title={column.hint}
      data-cell={`-1:${index}`}
      data-align={column.align ?? 'start'}
      data-sortable={column.sortable || undefined}
      data-sorted={sorted || undefined}
      className={classes['headCell']}
      tabIndex={focused ? 0 : -1}
      onFocus={onFocus}
      onClick={column.sortable === true ? onSort : undefined}
    >
      <span className={classes['headText']}>{column.header}</span>
      {sorted ? <Arrow size={12} aria-hidden /> : null}
    </div>
  );
}
