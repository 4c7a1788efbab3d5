export { createScheduler, type LaneStart } from './create';
export { step, BY_PERSON, CANCELLED_TASK } from './step';
export { waitsFor } from './advance';
export { containsCommitsOf, isBehindAnother, keptOf } from './landing';
export { stopperOf } from './blocking';
export * from './state';
