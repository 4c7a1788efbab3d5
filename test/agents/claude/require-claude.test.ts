import { AgentError } from '../../../agents/contract/agent-error';
import { requireClaude } from '../../../agents/claude/require-claude';

test('the key and the address come from the environment', () => {
  expect(requireClaude({ ANTHROPIC_API_KEY: ' sk-ant-1\n' })).toEqual({ apiKey: 'sk-ant-1' });
  expect(requireClaude({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'http://localhost:1' })).toEqual({
    apiKey: 'k',
    baseUrl: 'http://localhost:1',
  });
});

test.each([
  [{}, 'no API key for the agent "claude": set ANTHROPIC_API_KEY=sk-ant-..., or choose'],
  [{ ANTHROPIC_API_KEY: ' ' }, 'no API key'],
  [{ ANTHROPIC_API_KEY: 'sk ant' }, 'ANTHROPIC_API_KEY holds blanks'],
  [{ ANTHROPIC_API_KEY: 'sk', ANTHROPIC_BASE_URL: 'localhost:8080' }, 'ANTHROPIC_BASE_URL is no address'],
  [{ ANTHROPIC_API_KEY: 'sk', ANTHROPIC_BASE_URL: 'gateway' }, 'ANTHROPIC_BASE_URL is no address'],
])('%j: one line that says what to do', (environment, message) => {
  const require = () => requireClaude(environment);
  expect(require).toThrow(message);
  expect(require).toThrow(/^[^\n]*--agent script$/);
  expect(require).toThrow(AgentError);
});
