// The `rest` command: sends the file named on stdin from a block on, as dd with `skip` does.
import { lstat, open } from 'node:fs/promises';
import { nulNames, shownName, type RemoteIo } from './remote-io';
import { BadPath, resolveInside } from './tree';

const blockBytes = 1_048_576;
/** Exit code of xargs when its child failed. */
const childFailed = 123;

const send = async (real: Buffer, from: number, io: RemoteIo): Promise<void> => {
  const file = await open(real, 'r');
  try {
    for (let at = from; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      await io.stdout(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
};

/** Runs the command for a directory inside the tree; answers its exit code. */
export const runRest = async (root: string, folder: string, blocks: string, io: RemoteIo): Promise<number> => {
  let code = 0;
  for await (const name of nulNames(io.stdin)) {
    try {
      const real = await resolveInside(root, name.subarray(name.subarray(0, 2).equals(Buffer.from('./')) ? 2 : 0), { from: folder });
      if ((await lstat(real)).isFile()) await send(real, Number(blocks) * blockBytes, io);
      else code = childFailed;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof BadPath)) throw error;
      io.stderr(`dd: failed to open '${shownName(name)}': No such file or directory\n`);
      code = childFailed;
    }
  }
  return code;
};
