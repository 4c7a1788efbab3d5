import { isScalar, visit } from 'yaml';
import type { Document, Node } from 'yaml';
import type { PlanError } from './plan-error';

/**
 * What YAML allows and a plan does not: a key twice in a mapping (one of the two would be lost) and
 * aliases (a few lines of them can stand for gigabytes).
 */
export function findMisuse(document: Document, lineAt: (offset: number) => number): PlanError[] {
  const errors: PlanError[] = [];
  const report = (node: Node, message: string) =>
    errors.push({ line: node.range ? lineAt(node.range[0]) : null, field: '', message });
  visit(document, {
    Alias: (_, alias) => {
      report(alias, `the alias "*${alias.source}" is not allowed in a plan; write the value out`);
    },
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) report(key, `the key "${name.slice(0, 60)}" is there twice; remove one of them`);
        seen.add(name);
      }
    },
  });
  return errors;
}
