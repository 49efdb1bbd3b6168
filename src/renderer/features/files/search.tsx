// Searching files by name over all snapshots: results as one types, then the versions of the one that is chosen.
import { CloseButton, Loader, TextInput } from '@mantine/core';
import { ChevronRight, Search } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileSearchResult, Snapshot, SnapshotFile } from '../../../contract';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { EmptyState, ErrorState, LoadingState, QueryView } from '../../ui/states';
import { crumbsOf, keyOf, keysOfResults, parentOf } from './address';
import { useSnapshotName } from './browser-head';
import { FileName } from './file-name';
import type { RestoreFiles } from './page';
import { useSearch, useSettled, useSnapshotsById, useVersions } from './use-files';
import { Versions } from './versions';
import classes from './files.module.css';

function ResultVersions({ result, onRestore }: Readonly<{ result: FileSearchResult; onRestore: (snapshot: Snapshot, files: readonly SnapshotFile[]) => void }>) {
  const versions = useVersions(result.snapshot_id, keyOf(result));
  return <QueryView result={versions} compact loading={<LoadingState rows={2} height={18} />}>{({ versions: list }) => <Versions versions={list} here={null} onRestore={(snapshot, version) => onRestore(snapshot, [version])} />}</QueryView>;
}

interface ResultProps {
  readonly result: FileSearchResult;
  readonly part: string;
  readonly opened: boolean;
  readonly onToggle: () => void;
  readonly onRestore: (snapshot: Snapshot, files: readonly SnapshotFile[]) => void;
}

function Result({ result, part, opened, onToggle, onRestore }: ResultProps) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const snapshot = useSnapshotsById().get(result.snapshot_id);
  const name = useSnapshotName();
  const folder = crumbsOf(parentOf(keyOf(result))).map((crumb) => crumb.name).join('/');
  return (
    <li data-opened={opened || undefined}>
      <button type="button" className={classes['hit']} aria-expanded={opened} onClick={onToggle} data-hit>
        <ChevronRight size={14} aria-hidden className={classes['chevron']} />
        <span className={classes['hitName']}>
          <FileName file={result} part={part} />
          <span className="app-dim">{snapshot === undefined ? '' : `${name(snapshot)} · `}{visible([...(snapshot?.paths.slice(0, 1) ?? []), folder].filter((text) => text !== '').join('/'))}</span>
        </span>
        <span className={classes['hitFacts']}>
          <span className="app-number">{result.type === 'symlink' ? '' : format.bytes(result.size)}</span>
          <span className="app-dim app-number">{t('search.versions', { count: result.versions, snapshots: result.snapshots })}</span>
        </span>
      </button>
      {opened ? <ResultVersions result={result} onRestore={onRestore} /> : null}
    </li>
  );
}

/** Arrow keys lead through the results and back to the box. */
const moveHit = (event: KeyboardEvent<HTMLElement>, box: HTMLInputElement | null): void => {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const hits = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-hit]')];
  const at = hits.findIndex((hit) => hit === document.activeElement);
  const next = event.key === 'ArrowDown' ? hits[at + 1] : at <= 0 ? box : hits[at - 1];
  if (next === undefined || next === null) return;
  event.preventDefault();
  next.focus();
};

function Results({ text, onRestore }: Readonly<{ text: string; onRestore: ResultProps['onRestore'] }>) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const [opened, setOpened] = useState<string | null>(null);
  const { data, error, refetch, isPlaceholderData } = useSearch(text);
  if (data === undefined) return error === null ? <LoadingState rows={4} height={34} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  const part = text.trim().slice(text.trim().lastIndexOf('/') + 1);
  return (
    <div data-old={isPlaceholderData || undefined} className={classes['results']}>
      <p className={classes['count']} aria-live="polite">
        {data.total > data.count ? t('search.first', { shown: format.number(data.count), total: format.number(data.total) }) : t('search.found', { count: data.total, number: format.number(data.total) })}
        {data.unread === 0 ? null : <span className={classes['unread']}><Loader size={11} /> {t('search.unread', { count: data.unread })}</span>}
      </p>
      {data.results.length === 0 ? <EmptyState icon={Search} title={t('search.none')} why={t('search.none_why')} /> : (
        <ul className={classes['hits']} aria-label={t('search.results')}>
          {keysOfResults(data.results).map(([key, result]) => (
            <Result key={key} result={result} part={part} opened={opened === key} onToggle={() => setOpened(opened === key ? null : key)} onRestore={onRestore} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** The box above the snapshots; while it holds text, its results stand in the place of `children`. */
export function FileSearch({ restore, children }: Readonly<{ restore: RestoreFiles; children: ReactNode }>) {
  const { t } = useTranslation('files');
  const [typed, setTyped] = useState('');
  const [restoring, setRestoring] = useState<{ readonly snapshot: Snapshot; readonly files: readonly SnapshotFile[] } | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const text = useSettled(typed);
  const searching = typed.trim() !== '';
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrow keys between the box and its results
    <div className={classes['search']} onKeyDown={(event) => { if (searching) moveHit(event, box.current); }}>
      <TextInput
        ref={box} type="search" aria-label={t('search.label')} placeholder={t('search.label')} leftSection={<Search size={15} aria-hidden />} value={typed} spellCheck={false} maxLength={500}
        onChange={(event) => setTyped(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === 'Escape') setTyped(''); }}
        rightSection={searching ? <CloseButton size="sm" aria-label={t('search.clear')} onClick={() => setTyped('')} /> : null}
      />
      {searching ? <Results text={text.trim() === '' ? typed : text} onRestore={(snapshot, files) => setRestoring({ snapshot, files })} /> : children}
      {restoring === null ? null : restore(restoring.snapshot, restoring.files, () => setRestoring(null))}
    </div>
  );
}
