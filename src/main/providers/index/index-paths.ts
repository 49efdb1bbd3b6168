// Where a folder of an index is: its path from the captured directory, remembered while one question is answered.
import type { BytePath } from '../../domain/snapshot-ports';
import type { Database } from '../store/database';
import { integer, text } from '../store/rows';
import { fromCell } from './index-names';

/** Paths of folders by their id. */
export class FolderPaths {
  private readonly known = new Map<number, BytePath>();

  constructor(private readonly db: Database) {}

  of(folder: number): BytePath {
    const known = this.known.get(folder);
    if (known !== undefined) return known;
    const row = this.db.get('SELECT parent, name FROM folders WHERE id = ?', folder);
    const parent = row === null ? 0 : integer(row, 'parent');
    const path = row === null || parent === 0 ? '' : this.join(parent, fromCell(text(row, 'name')));
    this.known.set(folder, path);
    return path;
  }

  join(folder: number, name: BytePath): BytePath {
    const above = this.of(folder);
    return above === '' ? name : `${above}/${name}`;
  }
}
