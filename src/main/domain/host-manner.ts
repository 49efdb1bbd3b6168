// How a source's options want its host treated.
import type { SourceOptions } from '../../contract';
import type { HostManner } from './snapshot-ports';

/** Its pace and its politeness. */
export const mannerOf = (options: SourceOptions): HostManner => ({ bytesPerSecond: options.bandwidth_kib_s === null ? null : options.bandwidth_kib_s * 1024, lowPriority: options.low_priority });
