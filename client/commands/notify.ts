import type { Command } from 'commander';
import { proxiedFetch } from '../../agents/provider/proxied-fetch';
import { listNotifications } from '../../db/events/notifications';
import { notificationOf, type NewsEvent, type Notification } from '../../domain/session/notification';
import type { Channel } from '../../notify/channel';
import { channelsFrom } from '../../notify/channels';
import { addAction, addCommand, JSON_OPTION, type Cli, type JsonOption } from '../cli/command';
import { withDatabase } from '../cli/connect';
import { EXIT, UsageError, type ExitCode } from '../cli/exit';
import { dateAndClock, firstLine } from '../text/units';

/** The commands about notifications, which the worker sends. */
export function addNotify(program: Command, cli: Cli): void {
  const notify = addCommand(program, cli, {
    usage: 'notify',
    summary: 'be told when a session ends or needs you',
    example: 'notify test',
  });
  addAction(notify, cli, test, {
    usage: 'test',
    summary: 'send an example over YOKEFLOW_NOTIFY_COMMAND and YOKEFLOW_NOTIFY_WEBHOOK',
    example: 'notify test',
    options: [JSON_OPTION],
  });
  addAction(notify, cli, list, {
    usage: 'list',
    summary: 'what was sent lately, and what could not be',
    example: 'notify list',
    options: [JSON_OPTION],
  });
}

function example(): Notification {
  const event: NewsEvent = {
    ...{ sessionId: 0, seq: 0, type: 'attention_needed', epic: 2, task: null, at: new Date().toISOString() },
    ...{ data: { reason: 'this is only a test' }, project: 'example', workflowId: 'yokeflow-example' },
  };
  return notificationOf(event, (text) => text);
}

async function test({ context }: Cli, { json }: JsonOption): Promise<ExitCode> {
  const { channels, problem } = channelsFrom(context.env, proxiedFetch);
  if (problem) throw new UsageError(problem);
  if (channels.length === 0)
    throw new UsageError(
      'no notifications are set up: set YOKEFLOW_NOTIFY_COMMAND to a shell command or YOKEFLOW_NOTIFY_WEBHOOK to a URL',
    );
  const results = await Promise.all(channels.map(send));
  if (json) context.print(JSON.stringify(results));
  else for (const { channel, reason } of results) context.print(`${channel}: ${reason ?? 'sent'}`);
  return results.every(({ reason }) => reason === null) ? EXIT.ok : EXIT.incomplete;
}

async function send(channel: Channel): Promise<{ channel: string; reason: string | null }> {
  const delivery = await channel.deliver(example(), new AbortController().signal);
  return { channel: channel.name, reason: delivery.kind === 'sent' ? null : firstLine(delivery.reason) };
}

async function list({ context }: Cli, { json }: JsonOption): Promise<ExitCode> {
  return withDatabase(context, async (db) => {
    const sent = (await listNotifications(db)).map(({ channel, status, reason, ...event }) => ({
      ...notificationOf(event, (text) => text),
      ...{ channel, delivery: status, reason },
    }));
    if (json) context.print(JSON.stringify(sent));
    else if (sent.length === 0) context.print('Nothing was sent yet.');
    else
      for (const { at, channel, delivery, reason, text } of sent)
        context.print(
          `${dateAndClock(at)}  ${channel} ${delivery}${reason ? ` (${firstLine(reason)})` : ''}: ${text}`,
        );
    return EXIT.ok;
  });
}
