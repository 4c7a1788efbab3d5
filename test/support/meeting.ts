/**
 * Part of the scripts of so many tasks, whose worktrees are all to be made before one of them lands: each waits for the
 * others. The folder is one that is not there yet.
 */
export const untilAllBegun = (folder: string, tasks: number): string =>
  `mkdir -p '${folder}'; touch "${folder}/$YOKEFLOW_TASK"; ` +
  `until [ "$(ls '${folder}' | wc -l)" = ${tasks} ]; do sleep 0.1; done`;
