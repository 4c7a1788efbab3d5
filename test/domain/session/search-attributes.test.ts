import { missingAttributes, registerCommand } from '../../../domain/session/search-attributes';

test('what a server lacks, or has with another type, is missing', () => {
  expect(missingAttributes({})).toEqual(['Project', 'Attention', 'CostUsd']);
  expect(missingAttributes({ Project: 1, Attention: 5, CostUsd: 4, Other: 2 })).toEqual(['Project']);
  expect(missingAttributes({ Project: 2, Attention: 5, CostUsd: 4 })).toEqual([]);
});

test('the command to register them names the namespace', () => {
  expect(registerCommand('agents')).toBe(
    'temporal operator search-attribute create --namespace agents --name Project --type Keyword ' +
      '--name Attention --type Bool --name CostUsd --type Double',
  );
});
