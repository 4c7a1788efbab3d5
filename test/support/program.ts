import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A program that runs our TypeScript in a process of its own, to be killed. It requires files as a test would. */
export async function writeProgram(script: string, body: string): Promise<void> {
  const root = join(__dirname, '..', '..');
  const text = `
    const { transformSync } = require(${JSON.stringify(join(root, 'node_modules/@swc/core'))});
    require.extensions['.ts'] = (module, file) => {
      const source = require('node:fs').readFileSync(file, 'utf8');
      const jsc = { parser: { syntax: 'typescript' }, target: 'es2022' };
      module._compile(transformSync(source, { filename: file, jsc, module: { type: 'commonjs' } }).code, file);
    };
    ${body.replaceAll(/require\('(\.\.\/)+/g, `require('${root}/`)}
  `;
  await writeFile(script, text);
}
