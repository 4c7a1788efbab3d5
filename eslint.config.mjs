import tseslint from 'typescript-eslint';
import jest from 'eslint-plugin-jest';

const syncChildProcesses = {
  name: 'node:child_process',
  importNames: ['execSync', 'execFileSync', 'spawnSync'],
  message: 'A synchronous child process freezes every workflow of the worker: use spawn.',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.cache/', 'test/replay/histories/'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
      'no-restricted-imports': ['error', { paths: [syncChildProcesses] }],
      'max-lines': ['error', { max: 300, skipComments: true, skipBlankLines: true }],
    },
  },
  {
    // Workflow code is replayed: nothing in it may depend on the machine it runs on.
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setImmediate', 'structuredClone', 'Buffer', 'fetch'],
    },
  },
  {
    // What a command line does not ask for is not loaded: SDKs take most of a second.
    files: ['client/{main,overview,program,terminal}.ts', 'client/commands/plan-generate.ts'],
    rules: {
      '@typescript-eslint/no-require-imports': ['error', { allow: ['^\\.'] }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    },
  },
  {
    files: ['test/**/*.ts'],
    plugins: { jest },
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
      'max-lines': 'off',
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
