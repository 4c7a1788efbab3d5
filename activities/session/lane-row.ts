import { startOf } from '../../domain/cut-text';
import type { LaneRow } from '../scope/contract';

/** It labels a workflow, and a line of the live picture: whole, the names of a thousand epics may not fit a payload. */
const NAME_LENGTH = 40;

export const laneRow = (epic: number | null, name: string, unlanded: boolean): LaneRow => ({
  epic,
  name: startOf(name, NAME_LENGTH),
  unlanded,
});
