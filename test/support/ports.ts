import { isFree } from '../../services/ports';

/** Each of jest's processes has as many of its own; none of them is one that the system gives to whoever asks for any. */
const COUNT = 2_000;
const FIRST = 12_000 + COUNT * (Number(process.env.JEST_WORKER_ID ?? 0) % 10);

/** Seldom the same for two runs of the tests at once. */
let next = Math.floor(Math.random() * COUNT);

/** A free port that nobody takes before it is used. */
export async function testPort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
}
