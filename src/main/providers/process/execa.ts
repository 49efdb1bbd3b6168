// execa, read when the first program is started: it is a tenth of what main would read at its own start.
import type * as Library from 'execa';

export const loadExeca = async (): Promise<typeof Library.execa> => (await import('execa')).execa;
