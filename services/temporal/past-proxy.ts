import type { ConnectionOptions } from '@temporalio/client';
import { isThisMachine } from '../../domain/this-machine';

/**
 * The client goes by way of the proxy that `http_proxy` and its like name, also to a server on this machine, where no proxy
 * finds it. Whoever set that thought of the network.
 */
export function pastProxy<T extends ConnectionOptions>(options: T): T {
  if (!isThisMachine((options.address ?? '').replace(/:\d+$/, ''))) return options;
  return { channelArgs: { 'grpc.enable_http_proxy': 0 }, ...options };
}
