import Anthropic from '@anthropic-ai/sdk';
import type { Access } from '../../agents/provider/access';
import { apiFetch } from '../../agents/provider/api-fetch';
import { troubleOf } from '../../agents/provider/trouble';
import type { Plan } from '../../domain/plan/plan';
import { parsePlan } from '../../domain/plan/plan-parse';
import { usdFromNano } from '../../domain/cost/money';
import { priceOf } from '../../domain/cost/pricing';
import { NO_TOKENS } from '../../domain/cost/token-usage';
import { CommandFailed } from '../cli/exit';
import { cost, money } from '../text/units';
import { INSTRUCTIONS, PLAN_SCHEMA } from './instructions';

export interface WriterSettings extends Access {
  model: string;
  signal: AbortSignal;
  onNotice: (line: string) => void;
}

export interface WrittenPlan {
  plan: Plan;
  /** Null: the model has no known price. */
  costUsd: number | null;
}

const MAX_TOKENS = 32_000;
/** The first answer, and corrections of it. */
const MOST_ANSWERS = 4;
const MOST_ERRORS = 10;

const TOOL: Anthropic.Tool = {
  name: 'submit_plan',
  description: 'Hands the plan over. Answers with what is wrong with it, if anything.',
  input_schema: PLAN_SCHEMA,
};

/** Has Claude write a plan from a specification. What it hands over is checked as a plan file is, and corrected by it. */
export async function writePlan(
  { project, specification, files }: { project: string; specification: string; files: string[] },
  { apiKey, baseUrl, model, signal, onNotice }: WriterSettings,
): Promise<WrittenPlan> {
  const client = new Anthropic({
    apiKey,
    authToken: null,
    baseURL: baseUrl,
    fetch: apiFetch,
    logLevel: 'off',
    maxRetries: 2,
  });
  const repository = files.length > 0 ? `\n\nThe repository holds:\n${files.join('\n')}` : '';
  const messages: Anthropic.MessageParam[] = [
    { role: 'user', content: `<specification>\n${specification}\n</specification>${repository}` },
  ];
  let costNano: number | null = 0;
  for (let answers = 0; answers < MOST_ANSWERS; answers++) {
    const request = { model, max_tokens: MAX_TOKENS, system: INSTRUCTIONS, tools: [TOOL], messages };
    const message = await client.messages
      .stream(request, { signal })
      .finalMessage()
      .catch((error: unknown) => {
        throw new CommandFailed(
          `Claude did not answer${spent(costNano)}: ${signal.aborted ? 'it was stopped' : whyNot(error)}`,
          {
            cause: error,
          },
        );
      });
    const { input_tokens: input, output_tokens: output } = message.usage;
    const price = priceOf(model, { ...NO_TOKENS, input, output });
    costNano = costNano === null || price === null ? null : costNano + price;
    if (message.stop_reason === 'max_tokens')
      throw new CommandFailed(
        `the plan is too long for one answer${spent(costNano)}: split the specification`,
      );
    const calls = message.content.filter((block) => block.type === 'tool_use');
    const problems = calls.length > 0 ? [] : ['Hand the plan over by the tool submit_plan.'];
    const results: Anthropic.ToolResultBlockParam[] = [];
    for (const call of calls) {
      const parsed = parsePlan(JSON.stringify({ ...(call.input as object), project }), 'plan');
      if (parsed.ok) return { plan: parsed.plan, costUsd: costNano === null ? null : usdFromNano(costNano) };
      const errors = parsed.errors
        .slice(0, MOST_ERRORS)
        .map(({ field, message: said }) => `${field}: ${said}`);
      results.push({ type: 'tool_result', tool_use_id: call.id, is_error: true, content: errors.join('\n') });
      onNotice(`the plan has ${parsed.errors.length} mistakes (${errors[0]}); Claude corrects it`);
    }
    messages.push(
      { role: 'assistant', content: message.content },
      { role: 'user', content: results.length > 0 ? results : problems.join(' ') },
    );
  }
  throw new CommandFailed(
    `Claude wrote no valid plan in ${MOST_ANSWERS} answers${spent(costNano)}: say more in the specification`,
  );
}

/** What went before was paid for, whatever came of it. */
function spent(nano: number | null): string {
  if (nano === 0) return '';
  return ` (${nano === null ? cost(0, true) : `it cost ${money(usdFromNano(nano))}`})`;
}

const ADVICE = {
  busy: 'try again in a few minutes',
  brokenOff: 'check your network, and ANTHROPIC_BASE_URL if it is set',
  odd: 'report this, with the specification',
};

function whyNot(error: unknown): string {
  const { who, message } = troubleOf(error, ADVICE);
  return who === 'work' ? `${message}; shorten the specification` : message;
}
