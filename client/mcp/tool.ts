import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { CallToolRequestSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z, type ZodRawShape } from 'zod';
import type { Database } from '../../db/connection/connection';
import type { Project } from '../../db/project/projects';
import { harmlessLine } from '../../domain/harmless';
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

/** A tool that is in the server's list. */
export interface OfferedTool {
  name: string;
  answer(given: unknown): Promise<CallToolResult>;
}

/** Offers a tool. What a person or model has to change comes back as an error of the tool, in one line. */
export function offer<Shape extends ZodRawShape>(
  server: McpServer,
  desk: PlanDesk,
  tool: Tool<Shape>,
): OfferedTool {
  const { name, description, input, readOnly = false } = tool;
  const inputSchema = argumentsOf(input);
  const answer = async (given: unknown): Promise<CallToolResult> => {
    const read = inputSchema.safeParse(given);
    if (!read.success) return refusal(read.error.issues.map(mistake).join(', and '));
    try {
      return text(harmlessJson(await tool.run(desk, read.data as z.output<z.ZodObject<Shape>>)));
    } catch (error) {
      return refusal(describeFailure(error).message ?? 'failed');
    }
  };
  const config = { description, inputSchema, annotations: { readOnlyHint: readOnly } };
  server.registerTool(name, config, answer);
  return { name, answer };
}

/** Calls come here instead of to the SDK, which answers a mistake in the arguments with several lines. */
export function answerCalls({ server }: McpServer, tools: OfferedTool[]): void {
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    const tool = tools.find(({ name }) => name === params.name);
    if (tool) return tool.answer(params.arguments ?? {});
    return refusal(
      `there is no tool ${harmlessLine(params.name)}; there are ${tools.map(({ name }) => name).join(', ')}`,
    );
  });
}

const mistake = ({ path, message }: z.core.$ZodIssue): string =>
  path.length > 0 ? `${path.join('.')} ${message}` : message;

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

const refusal = (why: string): CallToolResult => ({ ...text(why), isError: true });

const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] });
