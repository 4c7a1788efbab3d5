import type { ConnectionOptions } from '@temporalio/client';

const THIS_MACHINE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * The client goes by way of the proxy that `http_proxy` and its like name, also to a server on this machine, where no proxy
 * finds it. Whoever set that thought of the network.
 */
export function pastProxy({
  address,
}: {
  address?: string | undefined;
}): Pick<ConnectionOptions, 'channelArgs'> {
  return THIS_MACHINE.test(address ?? '') ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {};
}
