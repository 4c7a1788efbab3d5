import type { NextStep } from '../status/next-step';
import { plural } from '../../domain/plural';
import type { Line } from './line';
import { wrapCommand, wrapText } from './wrap';

/** A problem, or a notice, and the commands against it. */
interface Block {
  said: Line[];
  commands: Line[][];
}

const MOST_SAID = 3;

/** What a person has to do, in at most `room` lines: whole steps, as many as fit. What is to be typed is never cut. */
export function stepLines(
  { steps, notices }: { steps: readonly NextStep[]; notices: readonly string[] },
  { width, room }: { width: number; room: number },
): Line[] {
  const said = (text: string) =>
    wrapText(text, width, MOST_SAID).map((line): Line => [{ text: line, style: 'yellow' }]);
  const blocks: Block[] = [
    ...notices.map((text) => ({ said: said(text), commands: [] })),
    ...steps.map(({ problem, commands }) => ({
      said: said(problem),
      commands: commands.map((command) => wrapCommand(command, width).map((line): Line => [line])),
    })),
  ];
  const lines: Line[] = [];
  for (const [index, block] of blocks.entries()) {
    const whole = [...block.said, ...block.commands.flat()];
    const last = index === blocks.length - 1;
    if (lines.length + whole.length + (last ? 0 : 1) > room) {
      if (lines.length === 0) return beginning(block, room);
      const hidden = blocks.length - index;
      return [
        ...lines,
        [{ text: `and ${plural(hidden, 'more problem')}: status shows them`, style: 'yellow' }],
      ];
    }
    lines.push(...whole);
  }
  return lines;
}

/** Of a step that has no room: what is wrong, and the commands that have. */
function beginning({ said, commands }: Block, room: number): Line[] {
  const lines = said.slice(0, Math.max(room - (commands[0]?.length ?? 0), 1));
  for (const command of commands) {
    if (lines.length + command.length > room) break;
    lines.push(...command);
  }
  return lines.slice(0, room);
}
