// The section of snapshots put together: the list with the search above it, or the files of one snapshot; both restore with the same dialog.
import { lazy, type ReactNode } from 'react';
import { FileSearch } from './features/files/search';
import type { RestoreFiles } from './features/files/page';
import { runningOf } from './features/snapshots/group-snapshots';
import { SnapshotsPage } from './features/snapshots/page';
import { RestoreDialog, type RestoreDialogProps } from './features/snapshots/restore-dialog';
import { useKnownInstances } from './features/snapshots/use-snapshots';
import { useRoute } from './ui/route';

const FilesPage = lazy(async () => ({ default: (await import('./features/files/page')).FilesPage }));

function Restore(props: Omit<RestoreDialogProps, 'running'>) {
  return <RestoreDialog {...props} running={runningOf(useKnownInstances())} />;
}

const withSearch = (list: ReactNode): ReactNode => <FileSearch restore={restore}>{list}</FileSearch>;

const restore: RestoreFiles = (snapshot, files, onClose) => <Restore snapshot={snapshot} files={files} onClose={onClose} />;

/** `#/snapshots` and `#/snapshots/<id>`. */
export function SnapshotsSection() {
  const { id } = useRoute();
  return id === null ? <SnapshotsPage around={withSearch} /> : <FilesPage restore={restore} />;
}
