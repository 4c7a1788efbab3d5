import type { Attempt } from '../../db/task/attempts';
import type { Turn } from '../../db/task/turns';
import type { CliContext } from '../cli/context';
import { attemptEnd, attemptOutput } from './attempt-text';
import { harmlessJson } from '../text/harmless';
import { createTeller } from './teller';

export interface Printer {
  entry(entry: Turn): void;
  /** Nothing more comes; `attempt` is as it was after the last entry. */
  end(attempt: Attempt): void;
}

export interface TextOptions {
  heading: string;
  /** The command that follows the attempt. */
  again: string;
  full: boolean;
}

export function textPrinter(context: CliContext, { heading, again, full }: TextOptions): Printer {
  const { colours } = context;
  const teller = createTeller({ full, colours });
  const print = (lines: string[]) => {
    if (lines.length > 0) context.print(lines.join('\n'));
  };
  print([colours.bold(heading)]);
  return {
    entry: (entry) => print(teller.entry(entry)),
    end(attempt) {
      if (attempt.status === 'running') return print(['', `Still running. Follow it: ${again}`]);
      const output = attemptOutput(attempt, full);
      print([...teller.end(), '', ...(output ? [output, ''] : []), attemptEnd(attempt, full)]);
    },
  };
}

/** A line for the attempt, one for each entry, and one for the attempt again if it has ended meanwhile. */
export function jsonPrinter(context: CliContext, attempt: Attempt): Printer {
  const print = (line: object) => context.print(harmlessJson(line));
  print({ type: 'attempt', ...attempt });
  return {
    entry: (entry) => print({ type: 'entry', attempt: attempt.number, ...entry }),
    end(last) {
      if (last.status !== attempt.status) print({ type: 'attempt', ...last });
    },
  };
}
