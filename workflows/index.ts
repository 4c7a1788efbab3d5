export { runEpic } from './run-epic';
export { runProject } from './run-project';
