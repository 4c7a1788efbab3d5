/** `1 task`, `2 tasks`; @param many where it isn't the noun with an `s` */
export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : many}`;
