// A file's icon and name; what matches a search stands out.
import { File, FileSymlink, FileWarning, Folder } from 'lucide-react';
import type { SnapshotFile } from '../../../contract';
import { visible } from '../../ui/error-message';
import classes from './files.module.css';

function Icon({ type, stored }: Pick<SnapshotFile, 'type' | 'stored'>) {
  if (type === 'dir') return <Folder size={15} aria-hidden />;
  if (type === 'symlink') return <FileSymlink size={15} aria-hidden />;
  return stored && type === 'file' ? <File size={15} aria-hidden /> : <FileWarning size={15} aria-hidden />;
}

/** Where `part` is in a text, in any case. */
const find = (text: string, part: string): number => (part === '' ? -1 : text.toLowerCase().indexOf(part.toLowerCase()));

export function Marked({ text, part }: Readonly<{ text: string; part: string }>) {
  const shown = visible(text);
  const at = find(shown, part);
  return at === -1 ? <>{shown}</> : <>{shown.slice(0, at)}<mark className={classes['mark']}>{shown.slice(at, at + part.length)}</mark>{shown.slice(at + part.length)}</>;
}

export function FileName({ file, part = '' }: Readonly<{ file: SnapshotFile; part?: string }>) {
  return (
    <span className={classes['name']} data-type={file.type}>
      <Icon type={file.type} stored={file.stored} />
      <span className={classes['nameText']}>
        <Marked text={file.name} part={part} />
        {file.target === null ? null : <span className="app-dim"> → {visible(file.target)}</span>}
      </span>
    </span>
  );
}
