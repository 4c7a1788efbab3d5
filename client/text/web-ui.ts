import type { TemporalEndpoint } from '../../services';

/** A workflow's page in Temporal's Web UI; null where its address is not known. A raw slash in an id gives an error page. */
export function workflowLink(
  { uiUrl, namespace }: Pick<TemporalEndpoint, 'uiUrl' | 'namespace'>,
  workflowId: string,
  runId: string,
): string | null {
  if (uiUrl === null) return null;
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
