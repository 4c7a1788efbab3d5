import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z, type ZodRawShape } from 'zod';
import type { Database } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { describeFailure } from '../cli/failure';
import { harmlessJson } from '../text/harmless';

/** What the tools work on. */
export interface PlanDesk {
  db: Database;
  project: Project;
  /** Tells the open session that the plan has changed; one line about what came of it. */
  announce: () => Promise<string>;
}

export interface Tool<Shape extends ZodRawShape> {
  name: string;
  description: string;
  input: Shape;
  /** Changes nothing. */
  readOnly?: boolean;
  run(desk: PlanDesk, input: z.output<z.ZodObject<Shape>>): Promise<unknown>;
}

/** Offers a tool. What a person or model has to change comes back as an error of the tool, in one line. */
export function offer<Shape extends ZodRawShape>(server: McpServer, desk: PlanDesk, tool: Tool<Shape>): void {
  const { name, description, input, readOnly = false } = tool;
  const answer = async (given: z.output<z.ZodObject<Shape>>): Promise<CallToolResult> => {
    try {
      return text(harmlessJson(await tool.run(desk, given)));
    } catch (error) {
      return { ...text(describeFailure(error).message ?? 'failed'), isError: true };
    }
  };
  const config = { description, inputSchema: argumentsOf(input), annotations: { readOnlyHint: readOnly } };
  server.registerTool(name, config, answer as never);
}

/** Strict: a dependency under a name that is not known would be lost without a word. */
function argumentsOf(input: ZodRawShape) {
  const known = Object.keys(input).join(', ') || 'none';
  return z.strictObject(input, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys[0]} is no argument of this tool; its arguments: ${known}`
        : undefined,
  });
}

const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] });
