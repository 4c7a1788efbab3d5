/** Where Temporal keeps sessions for a worker: the name is part of every plain `temporal workflow start`. */
export const TASK_QUEUE = 'yokeflow';
