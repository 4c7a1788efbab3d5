export { createScheduler, type LaneStart } from './create';
export { step, MAX_LOST } from './step';
export { waitsFor } from './advance';
export * from './state';
