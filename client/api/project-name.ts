import type { ProjectId, Yokeflow } from './yokeflow';

export async function getProjectName(yokeflow: Yokeflow, id: ProjectId): Promise<string> {
  return typeof id === 'string' ? id : (await yokeflow.plan(id)).project.name;
}
