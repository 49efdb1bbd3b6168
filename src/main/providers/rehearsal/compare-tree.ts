// Compares a restored tree with the list of what was captured: kinds, sizes, link targets and contents. Runs in the comparison worker, or in a test's own thread.
import { createHash } from 'node:crypto';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import type { ComparisonJob, ComparisonReport } from '../../domain/proof-ports';
import { safeText } from '../../domain/snapshot-names';

/** Problems that are named one by one. */
const named = 100;
/** Progress is told at most so often, milliseconds. */
const progressEvery = 200;
const pieceSize = 1024 * 1024;

type Entry = ComparisonJob['entries'][number];

/** One comparison. */
class Comparison {
  files = 0;
  bytes = 0;
  private unhashed = 0;
  private readonly problems: string[] = [];
  private problemCount = 0;
  private told = 0;
  private readonly piece = Buffer.alloc(pieceSize);

  constructor(
    private readonly job: ComparisonJob,
    private readonly signal: AbortSignal,
    private readonly onProgress: (bytes: number, files: number) => void,
  ) {}

  async perform(): Promise<ComparisonReport> {
    for (const entry of this.job.entries) {
      if (this.signal.aborted) throw new AppError('cancelled', 'The operation was cancelled.', {});
      await this.one(entry);
      this.tell();
    }
    if (this.job.whole) await this.findStrangers();
    this.onProgress(this.bytes, this.files);
    return { files: this.files, bytes: this.bytes, unhashed: this.unhashed, problems: this.problems, problemCount: this.problemCount };
  }

  private tell(): void {
    const now = Date.now();
    if (now - this.told < progressEvery) return;
    this.told = now;
    this.onProgress(this.bytes, this.files);
  }

  private problem(what: string, name: string): void {
    this.problemCount += 1;
    if (this.problems.length < named) this.problems.push(`${what}: ${safeText(name)}`);
  }

  private async one(entry: Entry): Promise<void> {
    const { mirrorName: name, type } = entry;
    const file = path.join(this.job.folder, name);
    const facts = await lstat(file).catch(() => null);
    // Where a disk has no links, a link stands in the list alone, and a restore makes it from there.
    if (facts === null) return type === 'l' ? undefined : this.problem('Missing', name);
    if (type === 'd') return facts.isDirectory() ? undefined : this.problem('No longer a folder', name);
    if (type === 'l') {
      const target = facts.isSymbolicLink() ? (await readlink(file, 'buffer')).toString('latin1') : null;
      return target === entry.target ? undefined : this.problem('Another link', name);
    }
    if (!facts.isFile()) return this.problem('No longer a file', name);
    if (facts.size !== entry.size) return this.problem(`${facts.size} bytes instead of ${entry.size}`, name);
    const hash = await this.hash(file);
    this.files += 1;
    if (entry.sha256 === '') this.unhashed += 1;
    else if (hash !== entry.sha256) this.problem('Another content', name);
  }

  private async hash(file: string): Promise<string> {
    const hash = createHash('sha256');
    const handle = await open(file, 'r');
    try {
      for (;;) {
        if (this.signal.aborted) throw new AppError('cancelled', 'The operation was cancelled.', {});
        const { bytesRead } = await handle.read(this.piece, 0, pieceSize, null);
        if (bytesRead === 0) return hash.digest('hex');
        hash.update(this.piece.subarray(0, bytesRead));
        this.bytes += bytesRead;
        this.tell();
      }
    } finally {
      await handle.close();
    }
  }

  private async findStrangers(): Promise<void> {
    const known = new Set(this.job.entries.map((entry) => entry.mirrorName));
    const folders = [''];
    for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
      for (const found of await readdir(path.join(this.job.folder, below), { withFileTypes: true })) {
        const name = below === '' ? found.name : `${below}/${found.name}`;
        if (!known.has(name)) this.problem('Not in the list', name);
        else if (found.isDirectory()) folders.push(name);
      }
    }
  }
}

/** Runs a comparison to its end. */
export const compareTree = (job: ComparisonJob, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<ComparisonReport> => new Comparison(job, signal, onProgress).perform();
