import { titleOf } from './skipped';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

export const titleWithDisk = (title: string): string =>
  titleOf(title, canMount ? null : 'only root may mount a disk, and only on Linux');

export const describeWithDisk = canMount ? describe : describe.skip;
