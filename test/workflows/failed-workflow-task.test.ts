import { connectTemporal } from '../support/temporal';

test('a workflow task that fails, which Temporal would try again for ever, fails the test that it happens in', async () => {
  const temporal = await connectTemporal();
  await temporal.startWorker({});
  const workflowId = `unknown-${process.pid}-${Date.now()}`;
  const { taskQueue, client } = temporal;
  const handle = await client.workflow.start('thereIsNone', { taskQueue, workflowId });
  const failed = async () =>
    (await handle.fetchHistory()).events!.some(({ workflowTaskFailedEventAttributes: failure }) => failure);
  while (!(await failed())) await new Promise((resolve) => setTimeout(resolve, 30));
  await handle.terminate();
  await expect(temporal.close()).rejects.toThrow(`workflow tasks failed:\n${workflowId}: `);
});
