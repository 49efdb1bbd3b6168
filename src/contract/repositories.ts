// Repositories: where snapshots are kept, here or on a server.
import * as z from 'zod';

/** Who holds the data: a folder of this computer, or one of the backends that restic speaks. */
export const repositoryKind = z.enum(['local', 'sftp', 'rest', 's3', 'b2', 'azure', 'gs', 'swift', 'rclone', 'other']);

/** `default` is the one in the app's own folder. */
export const repositoryId = z.union([z.literal('default'), z.uuid()]);
