import { createLogUpdate } from 'log-update';
import type { WriteStream } from 'node:tty';
import type { Screen } from '../cli/context';
import { printable } from '../text/harmless';

const WHOLE_SCREEN = '\u001b[H\u001b[2J';

/** A real terminal. Only lines that changed are written again. */
export function terminalScreen(stream: WriteStream, coloured: boolean): Screen {
  const log = createLogUpdate(stream);
  return {
    width: () => Math.max(stream.columns || 80, 1),
    // The cursor stands below the frame.
    height: () => Math.max((stream.rows || 24) - 1, 1),
    draw: (frame) => log(printable(frame, coloured)),
    clear() {
      log.clear();
      log.done();
    },
    leave: () => log.done(),
    onResize(listener) {
      // How many lines the old frame takes now is up to the terminal: some wrap it anew, others cut it off.
      const resized = () => {
        log.done();
        stream.write(WHOLE_SCREEN);
        listener();
      };
      stream.on('resize', resized);
      return () => void stream.off('resize', resized);
    },
  };
}
